// Command terraform-provider-alioss serves the Terraform and OpenTofu provider alioss/alioss. The CLI starts it.
package main

import (
	"flag"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/alioss/terraform-provider-alioss/internal/provider"
)

// address is where the registries list the provider.
const address = "registry.terraform.io/alioss/alioss"

// version is set by the linker for a release.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger: print the address for TF_REATTACH_PROVIDERS, and stay")
	flag.Parse()

	if err := serve(*debug); err != nil {
		log.Fatal(err)
	}
}

func serve(debug bool) error {
	sparing()
	for _, variable := range quiet(os.Environ()) {
		if err := os.Setenv(variable, "OFF"); err != nil {
			return err
		}
	}
	var options []tf6server.ServeOpt
	if debug {
		options = append(options, tf6server.WithManagedDebug())
	}
	return tf6server.Serve(address, provider.NewServer(version), options...)
}
