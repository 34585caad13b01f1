package provider

import (
	"slices"
	"strings"
	"testing"
)

// A region that is near a known one is warned of once per run, wherever it comes from, when
// something is signed or planned. One that is far from all may be new.
func TestUnknownRegion(t *testing.T) {
	profile := `{"current":"default","profiles":[{"name":"default","mode":"AK","access_key_id":"` + testKey +
		`","access_key_secret":"` + testSecret +
		`","region_id":"cn-hangzou"}]}`
	for name, row := range map[string]struct {
		block, config args
		variables     map[string]string
		files         map[string]string
		near          string // "" for silence
		origin        string
	}{
		"configured":    {nil, args{"region": "cn-hangzou"}, nil, nil, "cn-hangzhou", ""},
		"with a prefix": {nil, args{"region": "oss-cn-hangzou"}, nil, nil, "cn-hangzhou", ""},
		"in the block":  {args{"region": "cn-shangai"}, nil, nil, nil, "cn-shanghai", "provider block"},
		"by a variable": {nil, nil, map[string]string{"OSS_REGION": "cn-beijin"}, nil, "cn-beijing", "OSS_REGION"},
		"by a profile": {
			nil, nil,
			map[string]string{"OSS_REGION": "", "OSS_ACCESS_KEY_ID": "", "OSS_ACCESS_KEY_SECRET": ""},
			map[string]string{"/home/user/.aliyun/config.json": profile},
			"cn-hangzhou", "region_id",
		},
		"without cn": {nil, args{"region": "hangzhou"}, nil, nil, "cn-hangzhou", ""},
		"with a domain": {
			nil, args{"region": "cn-hangzou", "domain": "downloads.example.com"}, nil, nil, "cn-hangzhou", "",
		},
		"private": {
			args{"endpoint": "https://oss.example.com"}, args{"region": "cn-hangzou"}, nil, nil, "cn-hangzhou", "",
		},
		"known":           {nil, args{"region": "cn-hangzhou"}, nil, nil, "", ""},
		"new":             {nil, args{"region": "cn-atlantis"}, nil, nil, "", ""},
		"new, by numbers": {nil, args{"region": "ap-southeast-9"}, nil, nil, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			for form, sign := range signingForms {
				w := newWorld(t).with(row.variables)
				w.files = row.files
				_, d := sign(t, w, row.block, agent(row.config))
				text := describe(d)
				want := row.near != ""
				if got := strings.HasPrefix(text, "warning Unknown Region: "); got != want || want && len(d) != 1 ||
					!want && len(d) > 0 {
					t.Errorf("%s %s: %s", name, form, text)
				}
				if want && (!strings.Contains(text, `"`+row.near+`"`) || !strings.Contains(text, row.origin)) {
					t.Errorf("%s %s does not name %s and %s: %s", name, form, row.near, row.origin, text)
				}
			}
		})
	}
	w := newWorld(t)
	s := w.configured(t, args{"region": "cn-hangzou"})
	said := 0
	for range 3 {
		_, d := s.read(managedURL, agent(nil))
		said += len(d)
		_, d = s.read(bulkURLs, args{"bucket": "examplebucket", "keys": tupleOf("a")})
		said += len(d)
		_, d = s.open(managedURL, agent(nil))
		said += len(d)
	}
	if said != 1 {
		t.Errorf("said %d times in a run", said)
	}
	if _, d := s.read(managedURL, agent(args{"region": "cn-shangai"})); len(d) != 1 {
		t.Errorf("another region: %s", describe(d))
	}
	// A plan warns, too, with and without a URL to sign.
	c := newWorld(t).managed(t, nil)
	block := args{"region": "cn-hangzou"}
	d := c.decide(block, agent(nil))
	if len(d.diagnostics) != 1 || d.diagnostics[0].Summary != "Unknown Region" {
		t.Error(d)
	}
	c.carryOut(d, block, agent(nil))
	if d := c.decide(block, agent(nil)); d.action != "none" || len(d.diagnostics) != 1 {
		t.Error(d)
	}
}

// Without a region, the region of the endpoint is used: that of the configuration before that of
// the block, and both before variables.
func TestRegionOfEndpoint(t *testing.T) {
	const beijing, shanghai = "https://oss-cn-beijing-internal.aliyuncs.com", "oss-cn-shanghai.aliyuncs.com"
	for name, row := range map[string]struct {
		block, config args
		variables     map[string]string
		region        string
	}{
		"here":                     {nil, args{"endpoint": beijing}, nil, "cn-beijing"},
		"here, without variables":  {nil, args{"endpoint": beijing}, map[string]string{"OSS_REGION": ""}, "cn-beijing"},
		"block":                    {args{"endpoint": shanghai}, nil, nil, "cn-shanghai"},
		"here before the block":    {args{"endpoint": shanghai}, args{"endpoint": beijing}, nil, "cn-beijing"},
		"variable":                 {nil, nil, map[string]string{"OSS_REGION": "", "OSS_ENDPOINT": beijing}, "cn-beijing"},
		"region before it":         {args{"region": "cn-hangzhou"}, args{"endpoint": "oss.example.com"}, nil, "cn-hangzhou"},
		"endpoint that tells none": {args{"endpoint": "https://oss.example.com"}, nil, nil, "cn-hangzhou"},
		"dual stack":               {args{"endpoint": "https://cn-beijing.oss.aliyuncs.com"}, nil, nil, "cn-beijing"},
	} {
		for form, sign := range signingForms {
			w := newWorld(t).with(row.variables)
			r, d := sign(t, w, row.block, agent(row.config))
			if len(d) > 0 || r.text("region") != row.region || !strings.Contains(r.text("url"), "%2F"+row.region+"%2F") {
				t.Errorf("%s %s: region %q\n%s", name, form, r.text("region"), describe(d))
			}
		}
	}
}

// If endpoint_type turns out to be set, OSS_ENDPOINT is not read, and the region is that of the
// profile. So a plan that does not know endpoint_type yet does not promise the region of
// OSS_ENDPOINT.
func TestRegionOfEndpointThatMayNotBeRead(t *testing.T) {
	w := newWorld(t).with(map[string]string{
		"OSS_REGION": "", "OSS_ENDPOINT": "oss-cn-hangzhou.aliyuncs.com",
		"OSS_ACCESS_KEY_ID": "", "OSS_ACCESS_KEY_SECRET": "",
	})
	w.files = map[string]string{"/home/user/.aliyun/config.json": `{"profiles":[{"name":"default","mode":"AK",` +
		`"access_key_id":"` + testKey + `","access_key_secret":"` + testSecret + `","region_id":"cn-beijing"}]}`}
	for block, region := range map[string]string{"internal": "cn-beijing", "": "cn-hangzhou"} {
		now := w.managed(t, nil).is(nil)
		d := now.decide(args{"endpoint_type": unknown}, agent(nil))
		if !slices.Contains(d.unknowns(), "region") {
			t.Errorf("the region is planned: %v", d)
		}
		known := args{"endpoint_type": block}
		if block == "" {
			known = nil
		}
		if done, diags := now.carryOut(d, known, agent(nil)); done != "create" || now.state.text("region") != region {
			t.Errorf("%s in %q\n%s", done, now.state.text("region"), describe(diags))
		}
	}
	w.variables["OSS_REGION"] = "cn-hangzhou" // counts before OSS_ENDPOINT, whether that is read or not
	d := w.managed(t, nil).is(nil).decide(args{"endpoint_type": unknown}, agent(nil))
	if slices.Contains(d.unknowns(), "region") {
		t.Errorf("the region is not planned: %v", d)
	}
}
