// Package doctest runs the documentation. Its tests take every Terraform block of the pages and
// every example, check the format, validate all of them in one run of the CLI, apply those that can
// be applied, download by the URLs that they sign from a stand-in for OSS, plan again to see that
// no server is touched, run the shell blocks, and follow the links between pages.
//
// A block that cannot be run has the reason in an HTML comment on the line before it that readers
// of the page do not see:
//
//	<!-- doctest: validated: why it is not applied -->
//	<!-- doctest: excused: why it is not even validated -->
//
// A test prints every such reason. Blocks may leave out the required_providers block and the
// declaration of their variables. The tests add both.
//
// Other providers that blocks use are stubs with schemas as those providers publish them
// (testdata/providers), so that the tests need no network. They create nothing, and make up what
// the other provider would compute.
//
// Commands and scripts that the documentation hands over are run as well, and not only with
// success: with a link that has expired, a connection that is cut off, an archive that was changed,
// an older file with other content. They find OSS and STS, under the names that the documentation
// uses, behind a proxy (world_test.go). internal/tools/packages.sh installs nginx, cloud-init and
// Ansible, without which some tests are skipped.
package doctest
