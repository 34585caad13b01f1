// Package doctest runs the documentation. Its tests take every Terraform block of the pages and every example, check the
// format, validate all of them in one run of the CLI, apply those that can be applied, download by the URLs that they sign
// from a stand-in for OSS, run the shell blocks, and follow the links between pages.
//
// A block that cannot be run says why, in an HTML comment on the line before it that readers of the page do not see:
//
//	<!-- doctest: validated: why it is not applied -->
//	<!-- doctest: excused: why it is not even validated -->
//
// A test prints every such reason. Blocks may leave out the required_providers block and the declaration of their
// variables; the tests add both.
//
// Other providers that blocks use (alicloud, external, google, time, vault) are stubs, so that the tests need no network: their
// schemas hold only the arguments that the documentation uses, after those providers' own documentation, and they create nothing.
package doctest
