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
	// urls is how many URLs state holds after an apply; 0 for a case whose state is not looked at.
	urls int
	// variables are added to the environment.
	variables []string
	// observed says that a provider of its own process serves it, which is looked at through a shim.
	observed bool
	// slow says that it is observed once: most of what it takes is the core's, and the provider does what it does in another case.
	slow bool
	// again says that it is planned over its own state too.
	again bool

	plans    []cost // without state
	replans  []cost // over state
	provider []cost
	state    int64 // bytes of the state after an apply
	planFile int64 // bytes of the plan that was applied
}

// cost is what a process takes, with those that it has started and waited for.
type cost struct {
	Wall float64 // in seconds
	CPU  float64 // user and system, in seconds
	MiB  float64 // the peak of resident memory, of the largest of the processes; 0 where the system does not tell
}

func walls(costs []cost) float64 { return medianOf(costs, func(c cost) float64 { return c.Wall }) }
func cpus(costs []cost) float64  { return medianOf(costs, func(c cost) float64 { return c.CPU }) }
func peak(costs []cost) float64  { return medianOf(costs, func(c cost) float64 { return c.MiB }) }

func medianOf(costs []cost, of func(cost) float64) float64 {
	values := make([]float64, len(costs))
	for i, c := range costs {
		values[i] = of(c)
	}
	return median(values)
}

// The cases by name, as the report's bars refer to them.
const (
	nameEmpty        = "empty plan"
	nameOne          = "1 URL"
	name100          = "100 URLs by count"
	name1000         = "1,000 URLs by count"
	nameTraced       = "1,000 URLs by count, the framework's traces on"
	nameCollected    = "1,000 URLs by count, garbage collected by Go's default"
	nameEach         = "1,000 URLs by for_each over a set"
	nameEachMap      = "1,000 URLs by for_each over a map"
	nameMany1        = "1 URL in one read"
	nameMany1000     = "1,000 URLs in one read"
	nameMany10k      = "10,000 URLs in one read"
	nameMany100k     = "100,000 URLs in one read"
	nameMany200k     = "200,000 URLs in two reads"
	nameManySet10k   = "10,000 URLs in one read, keys a set"
	nameVersions10k  = "10,000 URLs in one read, with versions"
	nameData1        = "1 terraform_data"
	nameData100      = "100 terraform_data by count"
	nameData1000     = "1,000 terraform_data by count"
	nameData10k      = "10,000 terraform_data by count"
	nameDataEach     = "1,000 terraform_data by for_each over a set"
	nameDataEachMap  = "1,000 terraform_data by for_each over a map"
	nameExternal1    = "1 URL by external"
	nameExternal100  = "100 URLs by external, by count"
	nameExternal1000 = "1,000 URLs by external, by count"
	nameSet1k        = "1,000 strings in a set attribute"
	nameDynamic1k    = "1,000 strings in a dynamic attribute"
	nameDynamic10k   = "10,000 strings in a dynamic attribute"
	nameList10k      = "10,000 strings in a list attribute"
	keyOfIndex       = `"agent/releases/2026/agent-${count.index}.tar.gz"`
	bucketOfExamples = `bucket = "examplebucket"`
	setOfKeys        = "toset(var.keys)"
	mapOfKeys        = "{ for key in var.keys : key => key }"
)

// cases are all cases. program is what the external data source runs, "" where its provider is not there.
func cases(program string) []benchCase {
	all := []benchCase{
		{name: nameEmpty},
		{name: nameData1, config: data(1)},
		{name: nameOne, observed: true, urls: 1, config: counted(1)},
		{name: nameMany1, observed: true, keys: 1, urls: 1, config: oneRead("var.keys", "")},
		{name: nameData100, config: data(100)},
		{name: name100, observed: true, config: counted(100)},
		{name: nameData1000, config: data(1000)},
		{name: name1000, observed: true, urls: 1000, config: counted(1000)},
		{name: nameTraced, observed: true, config: counted(1000), variables: []string{"TF_LOG_SDK=TRACE"}},
		{name: nameCollected, observed: true, config: counted(1000), variables: []string{"GOGC=100"}},
		{name: nameMany1000, observed: true, keys: 1000, urls: 1000, config: oneRead("var.keys", "")},
		{name: nameData10k, config: data(10_000)},
		{name: nameMany10k, observed: true, keys: 10_000, urls: 10_000, again: true, config: oneRead("var.keys", "")},
		{name: nameManySet10k, observed: true, keys: 10_000, config: oneRead(setOfKeys, "")},
		{name: nameVersions10k, observed: true, keys: 10_000, config: oneRead("var.keys", "versions = { for key in var.keys : key => var.version_id }")},
		{name: nameMany100k, observed: true, keys: 100_000, urls: 100_000, again: true, config: oneRead("var.keys", "")},
		{name: nameMany200k, observed: true, keys: 100_000, config: oneRead("var.keys", "count  = 2")},
		{name: nameDynamic1k, observed: true, keys: 1000, config: collection("dynamic")},
		{name: nameSet1k, observed: true, keys: 1000, config: collection("set")},
		{name: nameDynamic10k, observed: true, keys: 10_000, config: collection("dynamic")},
		{name: nameList10k, observed: true, keys: 10_000, config: collection("list")},
		{name: nameDataEachMap, keys: 1000, config: dataEach(mapOfKeys)},
		{name: nameEachMap, observed: true, slow: true, keys: 1000, config: each(mapOfKeys)},
		{name: nameDataEach, keys: 1000, config: dataEach(setOfKeys)},
		{name: nameEach, observed: true, slow: true, keys: 1000, config: each(setOfKeys)},
	}
	if program != "" {
		all = append(all,
			benchCase{name: nameExternal1, observed: true, config: external(program, 1)},
			benchCase{name: nameExternal100, observed: true, config: external(program, 100)},
			benchCase{name: nameExternal1000, observed: true, config: external(program, 1000)},
		)
	}
	return all
}

// counted reads n URLs by count.
func counted(n int) string {
	return fmt.Sprintf("\ndata \"alioss_presigned_url\" \"x\" {\n  count  = %d\n  %s\n  key    = %s\n}\n", n, bucketOfExamples, keyOfIndex)
}

// each reads URLs by for_each.
func each(over string) string {
	return fmt.Sprintf("\ndata \"alioss_presigned_url\" \"x\" {\n  for_each = %s\n  %s\n  key    = each.key\n}\n", over, bucketOfExamples)
}

func oneRead(keys, more string) string {
	return fmt.Sprintf("\ndata \"alioss_presigned_urls\" \"x\" {\n  %s\n  keys   = %s\n  %s\n}\n", bucketOfExamples, keys, more)
}

// data has n instances of what the core brings itself.
func data(n int) string {
	return fmt.Sprintf("\nresource \"terraform_data\" \"x\" {\n  count = %d\n  input = %s\n}\n", n, keyOfIndex)
}

func dataEach(over string) string {
	return fmt.Sprintf("\nresource \"terraform_data\" \"x\" {\n  for_each = %s\n  input    = each.key\n}\n", over)
}

// external has a program sign each of n URLs.
func external(program string, n int) string {
	return fmt.Sprintf("\ndata \"external\" \"x\" {\n  count   = %d\n  program = [%q]\n  query   = { key = %s }\n}\n", n, program, keyOfIndex)
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
	case strings.Contains(c.config, `data "external"`):
		b.WriteString("    external = { source = \"hashicorp/external\" }\n")
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
