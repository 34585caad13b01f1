package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// directConfigs are good and bad configurations of one URL.
func directConfigs(t *testing.T, w *world) []args {
	t.Helper()
	configs := []args{
		{},
		{"rotate_every": "15m"},
		{"expiry": "2h", "not_after": nil},
		{"not_after": "2026-03-01T12:30:00Z"},
		{"signing_time": "2025-01-01T00:00:00+01:00"},
		{"signing_time": "2027-01-01T00:00:00Z"},
		{"response_headers": map[string]string{"content-type": "text/plain"}},
		{"not_after": "2027-01-01T00:00:00Z"},
		{"verify": true},
		{"verify": true, "key": "not/there"},
		{"traffic_limit": 819_200, "request_payer": true, "bind_host": true},
	}
	for _, r := range badLinks() {
		if forms[0].has(newWorld(t).session(t), r.config) {
			configs = append(configs, r.config)
		}
	}
	for _, d := range deliveries(t, w) {
		configs = append(configs, d.config)
	}
	return configs
}

// TestDirectReadsAreTheFrameworks reads good and bad configurations by the way of reading that the provider has and by the framework's,
// and wants the same state and the same diagnostics, with their paths.
func TestDirectReadsAreTheFrameworks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	configs := directConfigs(t, w)
	for name, block := range map[string]args{
		"long-lived key": nil, "session": {"access_key": "STS.example", "secret_key": testSecret, "security_token": "token"},
		"unknown region": {"region": unknown}, "no configuration": {"not": "configured"},
	} {
		direct, framework := w.session(t), w.session(t)
		direct.server = newServer("test", w.environment())()
		framework.server = newServer("test", w.environment())().(*directServer).ProviderServer
		if name != "no configuration" {
			direct.configure(block)
			framework.configure(block)
		}
		faults, warnings, good := 0, 0, 0
		for i, config := range configs {
			schema := direct.schema.DataSourceSchemas[directTypeName]
			req := &tfprotov6.ReadDataSourceRequest{TypeName: directTypeName, Config: direct.dynamic(schema, forms[0].with(config))}
			got, err := direct.server.ReadDataSource(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			want, err := framework.server.ReadDataSource(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			gotState, err := got.State.Unmarshal(schema.ValueType())
			if err != nil {
				t.Fatal(err)
			}
			wantState, err := want.State.Unmarshal(schema.ValueType())
			if err != nil {
				t.Fatal(err)
			}
			if differences, err := gotState.Diff(wantState); err != nil || len(differences) > 0 {
				t.Errorf("%s, configuration %d: states differ: %v, %v", name, i, differences, err)
			}
			if g, w := describe(got.Diagnostics), describe(want.Diagnostics); g != w {
				t.Errorf("%s, configuration %d: diagnostics\n%s\nwant\n%s", name, i, g, w)
			}
			switch {
			case hasError(got.Diagnostics):
				faults++
			case len(got.Diagnostics) > 0:
				warnings++
			default:
				good++
			}
		}
		t.Logf("%s: %d configurations: %d read, %d with warnings, %d refused", name, len(configs), good, warnings, faults)
		if name == "long-lived key" && (faults < 100 || warnings < 3 || good < 50) {
			t.Errorf("%d read, %d with warnings, %d refused: the comparison says little", good, warnings, faults)
		}
	}
}

// TestDirectValidationIsTheFrameworks validates good and bad configurations, also with each argument not known yet or null, by either way,
// and wants the same diagnostics. Whatever the direct way finds nothing wrong with, the framework must find nothing wrong with.
func TestDirectValidationIsTheFrameworks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	configs := directConfigs(t, w)
	s := w.session(t)
	schema := s.schema.DataSourceSchemas[directTypeName]
	for _, a := range schema.Block.Attributes {
		configs = append(configs, args{a.Name: unknown}, args{a.Name: nil})
		if a.Type.Is(tftypes.String) {
			configs = append(configs, args{a.Name: ""}, args{a.Name: "2026-03-01T00:00:00Z"})
		}
	}
	direct := newServer("test", w.environment())().(*directServer)
	passed, refused := 0, 0
	for i, config := range configs {
		req := &tfprotov6.ValidateDataResourceConfigRequest{TypeName: directTypeName, Config: s.dynamic(schema, forms[0].with(config))}
		got, err := direct.ValidateDataResourceConfig(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		want, err := direct.ProviderServer.ValidateDataResourceConfig(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		if g, w := describe(got.Diagnostics), describe(want.Diagnostics); g != w {
			t.Errorf("configuration %d, %v: diagnostics\n%s\nwant\n%s", i, config, g, w)
		}
		raw, ok := direct.source().config(directTypeName, req.Config)
		switch {
		case ok && direct.source().valid(t.Context(), raw):
			passed++
		case len(want.Diagnostics) == 0:
			t.Errorf("configuration %d, %v: the framework has to validate it, and says nothing", i, config)
		default:
			refused++
		}
	}
	if passed < 80 || refused < 200 {
		t.Errorf("%d configurations pass, %d are left to the framework: the comparison says little", passed, refused)
	}
}

// Two spellings of one response header are refused where they are read, too, so that no URL depends on the order of a map.
func TestReadOfOneResponseHeaderTwice(t *testing.T) {
	t.Parallel()
	s := newWorld(t).configured(t, nil)
	_, d := s.read(directTypeName, forms[0].with(args{"response_headers": map[string]string{"expires": "0", "Expires": "1"}}))
	expectRefusal(t, "twice", d, refusal{at: `response_headers["expires"]`, title: "Invalid Response Header", words: "given twice|leave one out"})
}

// What is no configuration, which no CLI sends, is refused and not read.
func TestDirectReadOfNothing(t *testing.T) {
	t.Parallel()
	s := newWorld(t).configured(t, nil)
	for _, config := range []*tfprotov6.DynamicValue{nil, {}, {MsgPack: []byte{0xc0}}, {MsgPack: []byte{0xd4, 0, 0}}, {MsgPack: []byte{1}}} {
		resp, err := s.server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: directTypeName, Config: config})
		if err == nil && !hasError(resp.Diagnostics) {
			t.Errorf("%v is read without an error", config)
		}
	}
}
