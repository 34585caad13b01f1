package main

import (
	"fmt"
	"strings"
)

// benchCase is a configuration that is planned.
type benchCase struct {
	name   string
	config string
	// keys is how many keys var.keys holds; 0 for a case that has no such variable.
	keys int
	// variables are added to the environment.
	variables []string
	// ours says that alioss or collections serves it, so that there is a provider process to look at.
	ours bool

	wall     []float64 // of a plan, in seconds
	provider usage
	cpu      float64 // of the CLI without the provider, in seconds
}

// The cases by name, as the report's bars refer to them.
const (
	nameEmpty        = "empty plan"
	nameOne          = "1 URL"
	name100          = "100 URLs by count"
	name1000         = "1,000 URLs by count"
	nameTraced       = "1,000 URLs by count, the framework's traces on"
	nameEach         = "1,000 URLs by for_each"
	nameMany1        = "1 URL in one read"
	nameMany10k      = "10,000 URLs in one read"
	nameMany100k     = "100,000 URLs in one read"
	nameManySet10k   = "10,000 URLs in one read, keys a set"
	nameVersions10k  = "10,000 URLs in one read, with versions"
	nameData1        = "1 terraform_data"
	nameData1000     = "1,000 terraform_data by count"
	nameDataEach     = "1,000 terraform_data by for_each"
	nameSet1k        = "1,000 strings in a set attribute"
	nameDynamic1k    = "1,000 strings in a dynamic attribute"
	nameDynamic10k   = "10,000 strings in a dynamic attribute"
	nameList10k      = "10,000 strings in a list attribute"
	keyOfIndex       = `key    = "agent/releases/2026/agent-${count.index}.tar.gz"`
	bucketOfExamples = `bucket = "examplebucket"`
)

func cases() []benchCase {
	const data1000 = "resource \"terraform_data\" \"x\" {\n  count = %d\n  input = \"agent/releases/2026/agent-${count.index}.tar.gz\"\n}\n"
	const dataEach = "resource \"terraform_data\" \"x\" {\n  for_each = toset(var.keys)\n  input = each.key\n}\n"
	return []benchCase{
		{name: nameEmpty},
		{name: nameData1, config: fmt.Sprintf(data1000, 1)},
		{name: nameOne, ours: true, config: counted(1)},
		{name: nameMany1, ours: true, keys: 1, config: oneRead("var.keys", "")},
		{name: name100, ours: true, config: counted(100)},
		{name: nameData1000, config: fmt.Sprintf(data1000, 1000)},
		{name: name1000, ours: true, config: counted(1000)},
		{name: nameTraced, ours: true, config: counted(1000), variables: []string{"TF_LOG_SDK=TRACE"}},
		{name: nameMany10k, ours: true, keys: 10_000, config: oneRead("var.keys", "")},
		{name: nameManySet10k, ours: true, keys: 10_000, config: oneRead("toset(var.keys)", "")},
		{name: nameVersions10k, ours: true, keys: 10_000, config: oneRead("var.keys", "versions = { for key in var.keys : key => var.version_id }")},
		{name: nameMany100k, ours: true, keys: 100_000, config: oneRead("var.keys", "")},
		{name: nameDynamic1k, ours: true, keys: 1000, config: collection("dynamic")},
		{name: nameSet1k, ours: true, keys: 1000, config: collection("set")},
		{name: nameDynamic10k, ours: true, keys: 10_000, config: collection("dynamic")},
		{name: nameList10k, ours: true, keys: 10_000, config: collection("list")},
		{name: nameDataEach, keys: 1000, config: dataEach},
		{name: nameEach, ours: true, keys: 1000, config: `
data "alioss_presigned_url" "x" {
  for_each = toset(var.keys)
  bucket   = "examplebucket"
  key      = each.key
}
`},
	}
}

// counted reads n URLs by count.
func counted(n int) string {
	return fmt.Sprintf("\ndata \"alioss_presigned_url\" \"x\" {\n  count  = %d\n  %s\n  %s\n}\n", n, bucketOfExamples, keyOfIndex)
}

func oneRead(keys, more string) string {
	return fmt.Sprintf("\ndata \"alioss_presigned_urls\" \"x\" {\n  %s\n  keys   = %s\n  %s\n}\n", bucketOfExamples, keys, more)
}

func collection(form string) string {
	return fmt.Sprintf("\ndata \"collections_%s\" \"x\" {\n  keys = var.keys\n}\n", form)
}

// files are the files of a case's root module. The keys come from a variable without type constraint, as they would from another
// resource: a tuple.
func (c *benchCase) files() map[string]string {
	var b strings.Builder
	b.WriteString("terraform {\n  required_providers {\n")
	switch {
	case strings.Contains(c.config, "alioss_"):
		b.WriteString("    alioss = { source = \"alioss/alioss\" }\n")
	case strings.Contains(c.config, "collections_"):
		b.WriteString("    collections = { source = \"bench/collections\" }\n")
	}
	b.WriteString("  }\n}\n")
	if strings.Contains(c.config, "alioss_") {
		b.WriteString("provider \"alioss\" {\n  region     = \"cn-hangzhou\"\n  access_key = \"LTAI5tExampleKeyId000001\"\n" +
			"  secret_key = \"example-secret-of-the-bench-0001\"\n}\n")
	}
	if strings.Contains(c.config, "var.version_id") {
		b.WriteString("variable \"version_id\" {\n  default = \"CAEQEhiBgIDmgPf8mxgiIDA1YjZlNDIxY2ZmMzQ1MmU5MTM1Y2M4Yzk4NjIx\"\n}\n")
	}
	if c.keys > 0 {
		b.WriteString("variable \"keys\" {}\n")
	}
	b.WriteString(c.config)
	files := map[string]string{"main.tf": b.String()}
	if c.keys > 0 {
		keys := make([]string, c.keys)
		for i := range keys {
			keys[i] = fmt.Sprintf("%q", fmt.Sprintf("agent/releases/2026/agent-%06d.tar.gz", i))
		}
		files["terraform.tfvars.json"] = "{\"keys\": [" + strings.Join(keys, ",") + "]}"
	}
	return files
}
