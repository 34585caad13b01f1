// Command bench measures what plans with this provider cost, under the real CLI and beside what else Terraform does: it prints
// ratios of medians, all from one run, as a Markdown document, and ends with an error where a bar is missed. `make bench` runs it;
// BENCHMARKS.md is its output.
//
// Every case is run in turn, round by round, so that what else the machine does falls on all of them alike. What the provider
// process costs is measured in runs of its own, through a shim that starts the provider and notes its rusage.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/acctest"
)

func main() {
	if os.Getenv(shimTarget) != "" {
		os.Exit(shim())
	}
	var o options
	flag.IntVar(&o.runs, "runs", defaultRuns, "how often each case is run; the median counts")
	flag.StringVar(&o.only, "only", "", "run the cases whose name contains this, and the empty plan")
	flag.StringVar(&o.skip, "skip", "", "leave out the cases whose name contains this; for_each takes most of the time")
	flag.StringVar(&o.external, "external", "", "a binary of hashicorp/external, to measure what signing by its data source costs; built in a clone of "+
		"https://github.com/hashicorp/terraform-provider-external, for instance")
	flag.DurationVar(&o.limit, "limit", time.Hour, "give up after this")
	flag.Parse()
	log.SetFlags(0)

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, o.limit)
	defer cancel()
	if err := run(ctx, o); err != nil {
		cancel()
		stop()
		log.Fatal("bench: ", err)
	}
}

const defaultRuns = 5

// options are what the command line says.
type options struct {
	runs                 int
	only, skip, external string
	limit                time.Duration
}

func run(ctx context.Context, o options) error {
	cli, err := acctest.Find()
	if err != nil {
		return err
	}
	if o.runs < 1 {
		return fmt.Errorf("-runs is %d, and a median needs one at least", o.runs)
	}
	if o.external != "" {
		if o.external, err = filepath.Abs(o.external); err != nil {
			return err
		}
	}
	dir, err := os.MkdirTemp("", "alioss-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{options: o, cli: cli, dir: dir, began: time.Now()}
	if err := b.build(ctx); err != nil {
		return err
	}
	program := ""
	if o.external != "" {
		program = b.program()
	}
	for _, c := range cases(program) {
		skipped := o.skip != "" && strings.Contains(c.name, o.skip)
		if strings.Contains(c.name, o.only) && !skipped || c.name == nameEmpty {
			b.cases = append(b.cases, &c)
		}
	}
	if err := b.measure(ctx); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("stopped after %s, by -limit or by hand: %w", time.Since(b.began).Round(time.Second), err)
		}
		return err
	}
	return b.report(os.Stdout)
}

// bench is a run of the benchmarks.
type bench struct {
	options

	cli   acctest.CLI
	dir   string
	began time.Time
	cases []*benchCase

	starts    map[string][]float64 // of the providers by name, in milliseconds
	sizes     map[string]int64     // of their binaries, in bytes
	processes []processes
	signing   goBench
	profiles  []profile
	missed    []string // the bars that are missed
}

const root = "github.com/alioss/terraform-provider-alioss"

// build builds the providers and the shim, and writes the CLI configurations that find them.
func (b *bench) build(ctx context.Context) error {
	for target, pkg := range map[string]string{
		b.provider("alioss"):      root,
		b.provider("collections"): root + "/internal/e2e/bench/collections",
		b.provider("bare"):        root + "/internal/e2e/bench/bare",
		b.provider("framework"):   root + "/internal/e2e/bench/framework",
		b.program():               root + "/internal/e2e/bench/signone",
	} {
		command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", target, pkg)
		command.Env = append(os.Environ(), "CGO_ENABLED=0")
		if output, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("go build %s: %w\n%s", pkg, err, output)
		}
	}
	b.sizes = map[string]int64{}
	for _, name := range []string{startBare, startFramework, startOurs} {
		bytes, err := size(b.provider(name))
		if err != nil {
			return err
		}
		b.sizes[name] = bytes
	}

	providers := map[string]string{"alioss": "alioss/alioss", "collections": "bench/collections"}
	if b.external != "" {
		providers["external"] = "hashicorp/external"
		if err := os.Symlink(b.external, b.provider("external")); err != nil {
			return err
		}
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(b.dir, "shim"), 0o700); err != nil {
		return err
	}
	for name := range providers {
		if err := os.Symlink(self, filepath.Join(b.dir, "shim", "terraform-provider-"+name)); err != nil {
			return err
		}
	}
	for _, name := range []string{"bin", "shim"} {
		path := filepath.ToSlash(filepath.Join(b.dir, name))
		var rc strings.Builder
		rc.WriteString("provider_installation {\n  dev_overrides {\n")
		for _, host := range []string{"registry.terraform.io", acctest.OpenTofuHost} {
			for _, source := range providers {
				fmt.Fprintf(&rc, "    %q = %q\n", host+"/"+source, path)
			}
		}
		rc.WriteString("  }\n  direct {}\n}\n")
		if err := os.WriteFile(b.rc(name), []byte(rc.String()), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) provider(name string) string {
	return filepath.Join(b.dir, "bin", "terraform-provider-"+name)
}

// program is what signs one URL in a process of its own.
func (b *bench) program() string { return filepath.Join(b.dir, "bin", "signone") }

func (b *bench) rc(name string) string { return filepath.Join(b.dir, name+".tfrc") }
