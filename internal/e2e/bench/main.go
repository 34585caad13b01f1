// Command bench measures what plans and applies with this provider cost under the real CLI, beside
// a floor: a provider with the same schema that answers constants. It prints one table of ratios as
// a Markdown document, and ends with an error if a bar is missed. `make bench` runs it.
// BENCHMARKS.md is its output.
//
// The two sides of a ratio are measured in pairs, one right after the other, so that any other load
// the machine does falls on both alike. A ratio is the median of its pairs' ratios.
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
	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

func main() {
	if os.Getenv(shimTarget) != "" {
		os.Exit(shim())
	}
	runs := flag.Int("runs", 5, "how many pairs a ratio is measured in")
	only := flag.String("only", "", "measure only the rows that contain this text")
	flag.Parse()
	log.SetFlags(0)

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *runs, *only); err != nil {
		stop()
		log.Fatal("bench: ", err)
	}
}

func run(ctx context.Context, runs int, only string) error {
	if runs < 1 {
		return fmt.Errorf("-runs is %d, and a median needs at least one", runs)
	}
	b, err := newBench(ctx, 1000)
	if err != nil {
		return err
	}
	defer b.close()
	rows := comparisons()
	for _, c := range rows {
		if !strings.Contains(c.String(), only) {
			continue
		}
		if err := b.compare(ctx, c, runs); err != nil {
			return fmt.Errorf("%s: %w", c, err)
		}
	}
	if only == "" {
		for name, urls := range map[string]int64{nameMany10k: 10_000, name1000: 1_000} {
			if b.weights[name], err = b.weigh(ctx, name, urls); err != nil {
				return fmt.Errorf("state of %s: %w", name, err)
			}
		}
	}
	return b.report(os.Stdout, rows, runs)
}

// bench is a run of the program.
type bench struct {
	cli      acctest.CLI
	dir      string
	began    time.Time
	load     string // of the machine before
	subjects map[string]*subject
	oss      *osstest.Server
	listed   int              // requests of one plan of namePrefix10k
	weights  map[string]int64 // bytes of state for each URL
}

// newBench builds the provider, the floor and the shim, and fills a bucket of the stand-in with 10
// n objects.
func newBench(ctx context.Context, n int) (*bench, error) {
	cli, err := acctest.Find()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "alioss-bench-")
	if err != nil {
		return nil, err
	}
	b := &bench{
		cli: cli, dir: dir, began: time.Now(), load: load(), oss: osstest.New(osstest.Config{}),
		subjects: map[string]*subject{}, weights: map[string]int64{},
	}
	b.oss.SetCredential(osstest.Credential{AccessKeyID: accessKey, AccessKeySecret: secretKey})
	if err := b.oss.SetBucket(osstest.Bucket{Name: "examplebucket"}); err != nil {
		return b, err
	}
	for i := range 10 * n {
		if _, err := b.oss.PutObject("examplebucket", osstest.Object{Key: key(i)}); err != nil {
			return b, err
		}
	}
	address, err := b.oss.Start("127.0.0.1:0")
	if err != nil {
		return b, err
	}
	for _, s := range subjects(n, address) {
		b.subjects[s.name] = &s
	}
	return b, b.build(ctx)
}

func (b *bench) close() {
	_ = b.oss.Close()
	_ = os.RemoveAll(b.dir)
}

// The directories of provider binaries, each with a CLI configuration that finds it.
const (
	ours     = "ours"
	floor    = "floor"
	observed = "shim" // runs the provider of another directory
)

func (b *bench) build(ctx context.Context) error {
	const root = "github.com/alioss/terraform-provider-alioss"
	binary := func(name string) string { return filepath.Join(b.dir, name, "terraform-provider-alioss") }
	for name, pkg := range map[string]string{ours: root, floor: root + "/internal/e2e/bench/floor"} {
		arguments := []string{"build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", binary(name), pkg}
		command := exec.CommandContext(ctx, "go", arguments...)
		command.Env = append(os.Environ(), "CGO_ENABLED=0")
		if output, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("go build %s: %w\n%s", pkg, err, output)
		}
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(b.dir, observed), 0o700); err != nil {
		return err
	}
	if err := os.Symlink(self, binary(observed)); err != nil {
		return err
	}
	for _, name := range []string{ours, floor, observed} {
		path := filepath.ToSlash(filepath.Join(b.dir, name))
		rc := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n    %q = %q\n  }\n  direct {}\n}\n",
			"registry.terraform.io/alioss/alioss", path, acctest.OpenTofuHost+"/alioss/alioss", path)
		if err := os.WriteFile(path+".tfrc", []byte(rc), 0o600); err != nil {
			return err
		}
	}
	return nil
}
