package main

import (
	"fmt"
	"strings"
)

// subject is a configuration, and what is done with it.
type subject struct {
	name   string
	config string
	block  string // arguments on top of the provider block's
	keys   int    // how many keys var.keys has, 0 without the variable
	act    act
	env    []string // variables on top of the environment
}

// act is what is measured.
type act int

const (
	plan   act = iota // without state
	replan            // over the state of an apply, without a change
	apply             // without state
)

// measure is what two subjects are compared by.
type measure string

const (
	byCPU    measure = "CPU"    // of the CLI with its providers, user and system
	byTime   measure = "time"   // on the wall
	byMemory measure = "memory" // peak of the provider's process
)

// comparison is a row of the table: what over another, in pairs that are measured side by side.
type comparison struct {
	what, over string
	by         measure
	limit      float64 // the most that the ratio may be, 0 for a ratio without a bar
	runs       int     // fewer pairs than usual, for slow ones, 0 for the usual number

	whats, overs []float64
}

// theFloor as what a subject is compared with is the same subject served by the floor provider.
const theFloor = "the floor"

func (c *comparison) String() string { return c.what + " ÷ " + c.over }

// The subjects that are compared.
const (
	nameOne         = "1 URL"
	name1000        = "1,000 URLs by count"
	name1000Go      = name1000 + ", Go's GC settings"
	nameMany1000    = "1,000 URLs in one read"
	nameMany10k     = "10,000 URLs in one read"
	nameMany100k    = "100,000 URLs in one read"
	nameMany100kGo  = nameMany100k + ", Go's GC settings"
	namePrefix10k   = "10,000 URLs by prefix"
	nameKeys10k     = "the same 10,000 URLs by keys"
	nameManaged     = "1,000 managed URLs over their state"
	nameManagedGo   = nameManaged + ", Go's GC settings"
	nameApply       = "apply of 1,000 managed URLs"
	nameEmpty       = "an empty plan"
	nameData1000    = "1,000 terraform_data by count"
	nameDataApply   = "apply of 1,000 terraform_data"
	nameDataEachSet = "1,000 terraform_data by for_each over a set"
	nameDataEachMap = "1,000 terraform_data by for_each over a map"
)

// subjects are all of them, with n in the place of 1,000: tests take fewer. oss is the address of a
// stand-in with the keys of 10 n objects.
func subjects(n int, oss string) []subject {
	const key = `"agent/releases/2026/agent-${count.index}.tar.gz"`
	const bucket = `bucket = "examplebucket"`
	count := fmt.Sprint("count = ", n)
	counted := block("data", "alioss_presigned_url", count, bucket, "key = "+key)
	oneRead := block("data", "alioss_presigned_urls", bucket, "keys = var.keys")
	byPrefix := block("data", "alioss_presigned_urls", bucket, `prefix = "agent/"`)
	standin := fmt.Sprintf("  endpoint   = %q\n  path_style = true\n", oss)
	managed := block("resource", "alioss_presigned_url", count, bucket, "key = "+key, `expiry = "7d"`)
	data := block("resource", "terraform_data", count, "input = "+key)
	dataEach := func(over string) string {
		return block("resource", "terraform_data", "for_each = "+over, "input = each.key")
	}
	collected := []string{"GOGC=100", "GOMEMLIMIT=off"}
	return []subject{
		{name: nameEmpty},
		{name: nameOne, config: block("data", "alioss_presigned_url", bucket, `key = "agent.tar.gz"`)},
		{name: name1000, config: counted},
		{name: name1000Go, config: counted, env: collected},
		{name: nameMany1000, config: oneRead, keys: n},
		{name: nameMany10k, config: oneRead, keys: 10 * n},
		{name: nameMany100k, config: oneRead, keys: 100 * n},
		{name: nameMany100kGo, config: oneRead, keys: 100 * n, env: collected},
		{name: namePrefix10k, config: byPrefix, block: standin},
		{name: nameKeys10k, config: oneRead, block: standin, keys: 10 * n},
		{name: nameManaged, config: managed, act: replan},
		{name: nameManagedGo, config: managed, act: replan, env: collected},
		{name: nameApply, config: managed, act: apply},
		{name: nameData1000, config: data},
		{name: nameDataApply, config: data, act: apply},
		{name: nameDataEachSet, config: dataEach("toset(var.keys)"), keys: n},
		{name: nameDataEachMap, config: dataEach("{ for key in var.keys : key => key }"), keys: n},
	}
}

// comparisons are the rows of the table, in order.
func comparisons() []*comparison {
	return []*comparison{
		{what: name1000, over: theFloor, by: byCPU, limit: 1.10},
		{what: nameMany10k, over: theFloor, by: byCPU, limit: 1.10},
		{what: nameMany100k, over: theFloor, by: byCPU, limit: 1.10},
		{what: nameManaged, over: theFloor, by: byCPU, limit: 1.15},
		{what: nameManaged, over: theFloor, by: byMemory, limit: 1.3},
		{what: nameMany100k, over: theFloor, by: byMemory},
		{what: nameMany10k, over: name1000, by: byCPU, limit: 0.8},
		{what: nameApply, over: theFloor, by: byCPU, runs: 3},
		{what: nameApply, over: nameDataApply, by: byCPU, runs: 3},
		{what: name1000Go, over: name1000, by: byCPU},
		{what: nameMany100kGo, over: nameMany100k, by: byCPU},
		{what: nameManagedGo, over: nameManaged, by: byCPU},
		{what: nameOne, over: nameEmpty, by: byCPU},
		{what: name1000, over: nameData1000, by: byCPU},
		{what: nameMany1000, over: name1000, by: byCPU},
		{what: nameMany10k, over: nameOne, by: byCPU},
		{what: nameMany100k, over: nameMany10k, by: byCPU},
		{what: namePrefix10k, over: nameKeys10k, by: byTime},
		{what: nameDataEachMap, over: nameData1000, by: byCPU, runs: 3},
		{what: nameDataEachSet, over: nameData1000, by: byCPU, runs: 1},
	}
}

func block(kind, name string, lines ...string) string {
	return fmt.Sprintf("\n%s %q \"x\" {\n  %s\n}\n", kind, name, strings.Join(lines, "\n  "))
}

// key is the i-th of the keys. They are 39 characters long.
func key(i int) string { return fmt.Sprintf("agent/releases/2026/agent-%06d.tar.gz", i) }

// files are the files of the subject's root module. The keys come from a variable without a type
// constraint, as they would from another resource: a tuple.
func (s *subject) files() map[string]string {
	main := `terraform {
  required_providers {
    alioss = { source = "alioss/alioss" }
  }
}
provider "alioss" {
  region     = "cn-hangzhou"
  access_key = "` + accessKey + `"
  secret_key = "` + secretKey + `"
` + s.block + `}
`
	if !strings.Contains(s.config, "alioss_") {
		main = ""
	}
	files := map[string]string{"main.tf": main + s.config}
	if s.keys > 0 {
		files["main.tf"] += "variable \"keys\" {}\n"
		keys := make([]string, s.keys)
		for i := range keys {
			keys[i] = fmt.Sprintf("%q", key(i))
		}
		files["terraform.tfvars.json"] = "{\"keys\": [" + strings.Join(keys, ",") + "]}"
	}
	return files
}

const (
	accessKey = "LTAI5tExampleKeyId000001"
	secretKey = "example-secret-of-the-bench-0001"
)
