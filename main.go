// Command terraform-provider-alioss serves the Terraform and OpenTofu provider alioss/alioss. The
// CLI starts it.
package main

import (
	"flag"
	"log"
	"os"
	"runtime/debug"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/alioss/terraform-provider-alioss/internal/provider"
)

// address is the provider's address in the registries.
const address = "registry.terraform.io/alioss/alioss"

// version is set by the linker for a release.
var version = "dev"

func main() {
	isDebugged := flag.Bool("debug", false, "serve for a debugger: print the address for TF_REATTACH_PROVIDERS, and stay")
	flag.Parse()

	if err := serve(*isDebugged); err != nil {
		log.Fatal(err)
	}
}

func serve(isDebugged bool) error {
	limitCollections()
	for _, variable := range unusedLogs(os.Environ()) {
		if err := os.Setenv(variable, "OFF"); err != nil {
			return err
		}
	}
	var options []tf6server.ServeOpt
	if isDebugged {
		options = append(options, tf6server.WithManagedDebug())
	}
	return tf6server.Serve(address, provider.NewServer(version), options...)
}

// limitCollections lets the heap grow to five times what is in use between two collections of
// garbage, up to 512 MiB, unless the environment sets them (GOGC, GOMEMLIMIT; package runtime). In a
// large plan most of what the provider allocates is garbage at once (BENCHMARKS.md). 100,000 URLs in
// one read need less than the limit.
func limitCollections() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(400)
		debug.SetMemoryLimit(512 << 20)
	}
}

// unusedLogs returns the variables of logs that nobody reads, to be set to "OFF". It returns none
// if the environment requests logs of the framework or the provider, or sets those of the framework
// itself. Without them the framework writes a trace of every call to a CLI that drops it, which a
// large plan feels (BENCHMARKS.md).
//
// The variables are those of terraform-plugin-log:
// https://developer.hashicorp.com/terraform/plugin/log/managing.
func unusedLogs(environment []string) []string {
	for _, variable := range environment {
		name, value, _ := strings.Cut(variable, "=")
		isRequested := (name == "TF_LOG" || strings.HasPrefix(name, "TF_LOG_PROVIDER")) && !strings.EqualFold(value, "OFF")
		if value != "" && (isRequested || strings.HasPrefix(name, "TF_LOG_SDK")) {
			return nil
		}
	}
	return []string{"TF_LOG_SDK", "TF_LOG_PROVIDER_ALIOSS"}
}
