package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

// silent is a network that answers a number of requests, and then takes one and never answers it.
type silent struct {
	answers http.RoundTripper
	left    int
	arrived chan struct{}
}

func (s *silent) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.left > 0 {
		s.left--
		return s.answers.RoundTrip(r)
	}
	s.arrived <- struct{}{}
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// StopProvider cancels whatever is in flight, at whichever request it waits, and nothing is given
// then.
func TestStopProvider(t *testing.T) {
	t.Parallel()
	object := anObject(nil)
	verified, pinned := object.with(args{"verify": true}), object.with(args{"pin_version": true})
	listed := byPrefix("a", nil)
	for _, row := range []struct {
		kind, name string
		config     args
		answered   int
		block      args
		title      string
	}{
		{"data", managedURL, object, 0, lent, "Credentials"},
		{"data", bulkURLs, args{"bucket": "examplebucket", "keys": tupleOf("a")}, 0, lent, "Credentials"},
		{"data", managedURL, verified, 0, nil, "Interrupted"},
		{"data", managedURL, pinned, 0, nil, "Interrupted"},
		{"data", managedURL, pinned, 1, nil, "Interrupted"},
		{"data", bulkURLs, listed, 0, nil, "Interrupted"},
		{"data", bulkURLs, listed, 1, nil, "Interrupted"},
		{"ephemeral", managedURL, object, 0, lent, "Credentials"},
		{"ephemeral", managedURL, verified, 0, nil, "Interrupted"},
		{"ephemeral", managedURL, pinned, 1, nil, "Interrupted"},
		{"ephemeral", bulkURLs, listed, 1, nil, "Interrupted"},
		{"resource", managedURL, object, 0, lent, "Credentials"},
		{"resource", managedURL, verified, 0, nil, "Interrupted"},
		{"resource", managedURL, pinned, 1, nil, "Interrupted"},
	} {
		t.Run(fmt.Sprint(row.kind, " ", row.name, " ", row.title, " ", row.answered), func(t *testing.T) {
			w := newWorld(t).connect(t)
			for i := range 1100 {
				w.put(t, osstest.Object{Key: fmt.Sprintf("a%04d", i)})
			}
			w.put(t, objectNamed("a"))
			network := &silent{w.transport, row.answered, make(chan struct{}, 10)}
			w.transport = network
			s := w.configured(t, row.block)
			type outcome struct {
				value       *tfprotov6.DynamicValue
				diagnostics []*tfprotov6.Diagnostic
				err         error
			}
			done := make(chan outcome, 1)
			go func() {
				if row.kind == "resource" {
					answer, d, err := s.planAndApply(row.config)
					done <- outcome{answer, d, err}
					return
				}
				answer, d, err := s.signRaw(row.kind, row.name, s.dynamic(schemaOf(row.kind, row.name), row.config))
				done <- outcome{answer, d, err}
			}()
			select {
			case <-network.arrived:
			case o := <-done:
				t.Fatalf("it asked nobody: %v %s", o.err, describe(o.diagnostics))
			}
			stopped, err := s.server.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{})
			if err != nil || stopped.Error != "" {
				t.Fatal(err, stopped)
			}
			o := <-done
			text := describe(o.diagnostics)
			if o.err != nil || len(o.diagnostics) != 1 || !hasError(o.diagnostics) || !strings.Contains(text, row.title) {
				t.Errorf("%v\n%s", o.err, text)
			}
			if strings.Contains(string(o.value.MsgPack), "x-oss-signature") {
				t.Error("a URL is given")
			}
			if len(network.arrived) > 0 {
				t.Errorf("%d more requests were sent", len(network.arrived))
			}
			// The provider still answers: the CLI closes what it has opened.
			if d := s.close(managedURL, nil); len(d) > 0 {
				t.Error(describe(d))
			}
			server := s.server.(witness).ProviderServer.(*server)
			server.running.Range(func(any, any) bool {
				t.Error("a call is still running")
				return true
			})
		})
	}
}
