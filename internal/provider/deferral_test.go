package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// If the CLI allows it, URLs that cannot be signed before apply are deferred, with all results
// unknown. No other CLI gets a deferral, and nothing is deferred that is known.
func TestDeferral(t *testing.T) {
	config := map[string]args{
		managedURL: {"bucket": "examplebucket", "key": "a", "expiry": "2h", "verify": true},
		bulkURLs:   {"bucket": "examplebucket", "prefix": "a", "expiry": "2h"},
	}
	for _, block := range []args{
		{"region": unknown},
		{"access_key": unknown, "secret_key": unknown},
		{"endpoint": unknown},
		{"assume_role": args{"role_arn": unknown}},
	} {
		for name, c := range config {
			s := newWorld(t).configured(t, block)
			read := func(capabilities *tfprotov6.ReadDataSourceClientCapabilities) (*tfprotov6.ReadDataSourceResponse, result) {
				t.Helper()
				resp, err := s.server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
					TypeName: name, Config: s.dynamic(schemaOf("data", name), c), ClientCapabilities: capabilities,
				})
				must(t, err)
				return resp, s.result(schemaOf("data", name), resp.State)
			}
			open := func(
				capabilities *tfprotov6.OpenEphemeralResourceClientCapabilities,
			) (*tfprotov6.OpenEphemeralResourceResponse, result) {
				t.Helper()
				resp, err := s.server.OpenEphemeralResource(t.Context(), &tfprotov6.OpenEphemeralResourceRequest{
					TypeName: name, Config: s.dynamic(schemaOf("ephemeral", name), c), ClientCapabilities: capabilities,
				})
				must(t, err)
				return resp, s.result(schemaOf("ephemeral", name), resp.Result)
			}
			waits := func(r result) {
				t.Helper()
				for attribute, value := range r {
					switch attribute {
					case "url", "urls", "object", "objects", "expires_at", "signing_time", "signed_headers", "region", "method":
						if value.IsKnown() {
							t.Errorf("%s: %s is known", name, attribute)
						}
					default:
						if !value.IsFullyKnown() {
							t.Errorf("%s: %s is unknown", name, attribute)
						}
					}
				}
				if r.text("bucket") != "examplebucket" || r.text("expiry") != "2h" {
					t.Errorf("%s: what is configured is gone", name)
				}
			}

			resp, r := read(&tfprotov6.ReadDataSourceClientCapabilities{DeferralAllowed: true})
			if resp.Deferred == nil || resp.Deferred.Reason != tfprotov6.DeferredReasonProviderConfigUnknown ||
				len(resp.Diagnostics) > 0 {
				t.Errorf("%s: %v %s", name, resp.Deferred, describe(resp.Diagnostics))
			}
			waits(r)
			for _, none := range []*tfprotov6.ReadDataSourceClientCapabilities{nil, {}} {
				if resp, _ := read(none); resp.Deferred != nil || len(resp.Diagnostics) != 1 ||
					resp.Diagnostics[0].Summary != titleUnknown {
					t.Errorf("%s: %v %s", name, resp.Deferred, describe(resp.Diagnostics))
				}
			}
			opened, r := open(&tfprotov6.OpenEphemeralResourceClientCapabilities{DeferralAllowed: true})
			if opened.Deferred == nil || opened.Deferred.Reason != tfprotov6.DeferredReasonProviderConfigUnknown ||
				len(opened.Diagnostics) > 0 || len(opened.Private) > 0 {
				t.Errorf("%s: %v %s", name, opened.Deferred, describe(opened.Diagnostics))
			}
			waits(r)
			for _, none := range []*tfprotov6.OpenEphemeralResourceClientCapabilities{nil, {}} {
				if opened, r := open(none); opened.Deferred != nil || hasError(opened.Diagnostics) {
					t.Errorf("%s: %v %s", name, opened.Deferred, describe(opened.Diagnostics))
				} else {
					waits(r)
				}
			}
		}
	}
	config[managedURL]["verify"] = nil
	s := newWorld(t).configured(t, nil)
	resp, err := s.server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: managedURL, Config: s.dynamic(schemaOf("data", managedURL), config[managedURL]),
		ClientCapabilities: &tfprotov6.ReadDataSourceClientCapabilities{DeferralAllowed: true},
	})
	if err != nil || resp.Deferred != nil || len(resp.Diagnostics) > 0 {
		t.Errorf("a known provider: %v %v", err, resp)
	}
}
