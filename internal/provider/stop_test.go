package provider

import (
	"context"
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
	object := args{"bucket": "examplebucket", "key": "a"}
	with := func(name string, value any) args {
		config := args{name: value}
		for n, v := range object {
			config[n] = v
		}
		return config
	}
	verified, pinned := with("verify", true), with("pin_version", true)
	listed := byPrefix("a", nil)
	for _, row := range []struct {
		form, name string
		config     args
		answered   int
		block      args
		title      string
	}{
		{"read", managedURL, object, 0, lent, "Credentials"},
		{"read", bulkURLs, args{"bucket": "examplebucket", "keys": tupleOf("a")}, 0, lent, "Credentials"},
		{"read", managedURL, verified, 0, nil, "Interrupted"},
		{"read", managedURL, pinned, 0, nil, "Interrupted"},
		{"read", managedURL, pinned, 1, nil, "Interrupted"},
		{"read", bulkURLs, listed, 0, nil, "Interrupted"},
		{"read", bulkURLs, listed, 1, nil, "Interrupted"},
		{"open", managedURL, object, 0, lent, "Credentials"},
		{"open", managedURL, verified, 0, nil, "Interrupted"},
		{"open", managedURL, pinned, 1, nil, "Interrupted"},
		{"open", bulkURLs, listed, 1, nil, "Interrupted"},
		{"apply", managedURL, object, 0, lent, "Credentials"},
		{"apply", managedURL, verified, 0, nil, "Interrupted"},
		{"apply", managedURL, pinned, 1, nil, "Interrupted"},
	} {
		t.Run(fmt.Sprint(row.form, " ", row.name, " ", row.title, " ", row.answered), func(t *testing.T) {
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
				done <- func() outcome {
					switch row.form {
					case "read":
						resp, err := s.server.ReadDataSource(context.Background(), &tfprotov6.ReadDataSourceRequest{
							TypeName: row.name, Config: s.dynamic(s.schema.DataSourceSchemas[row.name], row.config),
						})
						return outcome{resp.State, resp.Diagnostics, err}
					case "open":
						resp, err := s.server.OpenEphemeralResource(context.Background(), &tfprotov6.OpenEphemeralResourceRequest{
							TypeName: row.name, Config: s.dynamic(s.schema.EphemeralResourceSchemas[row.name], row.config),
						})
						return outcome{resp.Result, resp.Diagnostics, err}
					}
					c := &core{managed: &managed{session: s, schema: s.schema.ResourceSchemas[managedURL], world: w}}
					plan, err := s.server.PlanResourceChange(context.Background(), &tfprotov6.PlanResourceChangeRequest{
						TypeName: row.name, PriorState: c.object(nil), ProposedNewState: c.proposed(row.config),
						Config: c.dynamic(c.schema, row.config),
					})
					if err != nil || hasError(plan.Diagnostics) {
						return outcome{nil, plan.Diagnostics, err}
					}
					resp, err := s.server.ApplyResourceChange(context.Background(), &tfprotov6.ApplyResourceChangeRequest{
						TypeName: row.name, PriorState: c.object(nil), PlannedState: plan.PlannedState,
						Config: c.dynamic(c.schema, row.config),
					})
					return outcome{resp.NewState, resp.Diagnostics, err}
				}()
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
