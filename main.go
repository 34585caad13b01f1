// Command terraform-provider-alioss serves the Terraform and OpenTofu provider alioss/alioss. The CLI starts it.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/alioss/terraform-provider-alioss/internal/provider"
)

// version is set by the linker for a release.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger: print the address for TF_REATTACH_PROVIDERS, and stay")
	flag.Parse()

	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/alioss/alioss",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
