// Command live checks this project's statements about OSS. It signs URLs with the built provider
// and the real CLI, uses them as a recipient would, provokes the refusals that the pages describe,
// and prints a Markdown report that compares. `make test-live` runs it against the service, with an
// account. `make test-live-standin` runs the same against the stand-in on loopback.
//
// It writes only below alioss-live-check/<random>/ and deletes what it wrote, each version of it,
// also after a failure or an interrupt. The report contains no access key, token, signature, bucket
// or role.
//
// Exit status 0: every link that must work does. The report may list statements in which pages and
// service differ. Status 1: a link that must work does not, objects stayed, the run was
// interrupted, or pages and stand-in differ. Status 2: the check could not start, since a variable,
// the CLI or the provider is missing.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/transport"
)

// The exit statuses.
const (
	exitSame   = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	standin := flag.Bool("standin", false, "test against the stand-in on loopback, not the service, without an account")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(start(ctx, *standin, os.Getenv, os.Stdout, os.Stderr))
}

// start runs the check for the command line, and returns the exit status.
func start(ctx context.Context, withStandin bool, getenv func(string) string, stdout, stderr io.Writer) int {
	s := liveService()
	var err error
	if withStandin {
		if runtime.GOOS != "linux" {
			fmt.Fprintln(
				stdout, "live check with the stand-in: SKIPPED, since only on Linux a process can be made to trust its "+
					"certificate (SSL_CERT_FILE)",
			)
			return exitSame
		}
		in, err := newStandin()
		if err != nil {
			fmt.Fprintln(stderr, "live:", err)
			return exitUsage
		}
		defer in.close()
		s = in.service()
	} else if s.config, err = readConfig(getenv); err != nil {
		fmt.Fprintln(stderr, err)
		return exitUsage
	}
	s.report = getenv("ALIOSS_LIVE_REPORT")
	return run(ctx, s, stdout, stderr)
}

// config is the buckets and hosts to test.
type config struct {
	bucket, region, endpoint, endpointType, domain, versionedBucket, roleARN string
}

// variables are those of readConfig, in the order in which the program lists them.
var variables = []struct {
	name, meaning string
	required      bool
	field         func(*config) *string
}{
	{
		"ALIOSS_LIVE_BUCKET", "a bucket that the credentials may write to, without versioning if possible", true,
		func(c *config) *string { return &c.bucket },
	},
	{
		"ALIOSS_LIVE_REGION", "the bucket's region ID, such as cn-hangzhou", true, func(c *config) *string {
			return &c.region
		},
	},
	{
		"ALIOSS_LIVE_ENDPOINT", "endpoint of the provider block, for regions with exceptional hosts", false,
		func(c *config) *string { return &c.endpoint },
	},
	{
		"ALIOSS_LIVE_ENDPOINT_TYPE", "endpoint_type of the provider block, such as internal on an ECS instance of the region",
		false,
		func(c *config) *string { return &c.endpointType },
	},
	{
		"ALIOSS_LIVE_DOMAIN", "a custom domain that is mapped to the bucket", false, func(c *config) *string {
			return &c.domain
		},
	},
	{
		"ALIOSS_LIVE_VERSIONED_BUCKET", "a bucket of the same region with versioning", false,
		func(c *config) *string { return &c.versionedBucket },
	},
	{
		"ALIOSS_LIVE_ROLE_ARN", "a RAM role that the credentials may assume, for temporary credentials", false,
		func(c *config) *string { return &c.roleARN },
	},
	{"ALIOSS_LIVE_REPORT", "the file for the report; standard output without it", false, nil},
}

// readConfig reads the variables. Its error lists all of them with what they mean.
func readConfig(getenv func(string) string) (config, error) {
	var c config
	var missing []string
	for _, v := range variables {
		if v.field == nil {
			continue
		}
		*v.field(&c) = strings.TrimSpace(getenv(v.name))
		if v.required && *v.field(&c) == "" {
			missing = append(missing, v.name)
		}
	}
	if len(missing) == 0 {
		return c, nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "The live check needs %s. It signs with the credentials that the provider finds, and costs a few "+
		"requests and kilobytes.\n"+
		"CONTRIBUTING.md contains the policy that they need. The variables:\n", strings.Join(missing, " and "))
	for _, v := range variables {
		need := "optional"
		if v.required {
			need = "required"
		}
		fmt.Fprintf(&b, "  %-28s %s: %s\n", v.name, need, v.meaning)
	}
	return c, errors.New(strings.TrimSuffix(b.String(), "\n"))
}

// service is the service to test, and the means for it.
type service struct {
	config config
	// standin reports whether the service is the stand-in.
	standin bool
	// env are the variables of the CLI beside those of every run.
	env []string
	// client sends the requests of a recipient.
	client *http.Client
	now    func() time.Time
	// wait returns when the service's clock, which is ahead of now by skew, has passed until.
	wait func(ctx context.Context, until time.Time, skew time.Duration) error
	// report is the file for the report, empty for standard output.
	report string
	// provider is a directory with a built provider, empty to build one.
	provider string
}

// answerTimeout is how long one answer may take. A host that cannot be reached costs it once.
const answerTimeout = 20 * time.Second

// liveService is OSS itself.
func liveService() service {
	t := transport.New(10*time.Second, http.ProxyFromEnvironment)
	t.DisableCompression = true // an Accept-Encoding would be the client's own, and the bytes are compared
	return service{
		env:    inherited(os.Environ()),
		client: recipient(t),
		now:    time.Now,
		wait: func(ctx context.Context, until time.Time, skew time.Duration) error {
			return transport.Sleep(ctx, time.Until(until)-skew)
		},
	}
}

// recipient follows no redirects.
func recipient(t http.RoundTripper) *http.Client {
	return &http.Client{
		Transport: t, Timeout: answerTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// inherited are the variables of this process without those that change what the CLI does, and
// without the endpoint, for which there is a variable of the check's own.
func inherited(environ []string) []string {
	var env []string
	for _, variable := range environ {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "OSS_ENDPOINT=") {
			env = append(env, variable)
		}
	}
	return env
}
