// Command bench measures what plans with this provider cost, under the real CLI and beside what else Terraform does: it prints
// ratios of medians, all from one run, as a Markdown document. `make bench` runs it; BENCHMARKS.md is its output.
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

	"github.com/alioss/terraform-provider-alioss/internal/acctest"
)

func main() {
	if os.Getenv(shimTarget) != "" {
		os.Exit(shim())
	}
	runs := flag.Int("runs", 5, "how often each case is run; the median counts")
	only := flag.String("only", "", "run the cases whose name contains this, and the empty plan")
	skip := flag.String("skip", "", "leave out the cases whose name contains this; for_each takes most of the time")
	flag.Parse()
	log.SetFlags(0)

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *runs, *only, *skip); err != nil {
		stop()
		log.Fatal("bench: ", err)
	}
}

func run(ctx context.Context, runs int, only, skip string) error {
	cli, err := acctest.Find()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "alioss-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{cli: cli, dir: dir, runs: runs}
	if err := b.build(ctx); err != nil {
		return err
	}
	for _, c := range cases() {
		skipped := skip != "" && strings.Contains(c.name, skip)
		if strings.Contains(c.name, only) && !skipped || c.name == nameEmpty {
			b.cases = append(b.cases, &c)
		}
	}
	if err := b.measure(ctx); err != nil {
		return err
	}
	return b.report(os.Stdout)
}

// bench is a run of the benchmarks.
type bench struct {
	cli   acctest.CLI
	dir   string
	runs  int
	cases []*benchCase

	starts     map[string][]float64 // of the provider and of the bare one, in milliseconds
	processes  []processes
	binarySize int64
}

// build builds the providers and the shim, and writes the CLI configurations that find them.
func (b *bench) build(ctx context.Context) error {
	const root = "github.com/alioss/terraform-provider-alioss"
	for target, pkg := range map[string]string{
		"bin/terraform-provider-alioss":      root,
		"bin/terraform-provider-collections": root + "/internal/e2e/bench/collections",
		"bin/terraform-provider-bare":        root + "/internal/e2e/bench/bare",
		"bin/signone":                        root + "/internal/e2e/bench/signone",
	} {
		command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", filepath.Join(b.dir, target), pkg)
		command.Env = append(os.Environ(), "CGO_ENABLED=0")
		if output, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("go build %s: %w\n%s", pkg, err, output)
		}
	}
	info, err := os.Stat(b.provider("alioss"))
	if err != nil {
		return err
	}
	b.binarySize = info.Size()

	self, err := os.Executable()
	if err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(b.dir, "shim"), 0o700); err != nil {
		return err
	}
	for _, name := range []string{"alioss", "collections"} {
		if err := os.Symlink(self, filepath.Join(b.dir, "shim", "terraform-provider-"+name)); err != nil {
			return err
		}
	}
	for _, name := range []string{"bin", "shim"} {
		path := filepath.ToSlash(filepath.Join(b.dir, name))
		var rc strings.Builder
		rc.WriteString("provider_installation {\n  dev_overrides {\n")
		for _, host := range []string{"registry.terraform.io", acctest.OpenTofuHost} {
			for _, provider := range []string{"alioss/alioss", "bench/collections"} {
				fmt.Fprintf(&rc, "    %q = %q\n", host+"/"+provider, path)
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

func (b *bench) rc(name string) string { return filepath.Join(b.dir, name+".tfrc") }
