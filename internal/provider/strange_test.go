package provider

import (
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

const (
	strangeCases = 250 // configurations of each form. ALIOSS_STRANGE_CASES sets another number
	strangeSeed  = 1   // ALIOSS_STRANGE_SEED for another one
)

// TestStrangeConfigurations calls the provider as no CLI should have to: configurations whose every
// place is null, unknown, or a value that has broken something before, through every call of the
// protocol. A panic would end the test, as it ends a user's plan. The answers to calls that a CLI
// may make have the provider's own words.
func TestStrangeConfigurations(t *testing.T) {
	t.Parallel()
	cases, seed := strangeNumber(t, "ALIOSS_STRANGE_CASES", strangeCases),
		strangeNumber(t, "ALIOSS_STRANGE_SEED", strangeSeed)
	refused := map[string]int{}
	for n := range cases {
		g := &strange{rand.New(rand.NewPCG(seed, n))}
		w := newWorld(t)
		s := w.session(t)
		ready := true // the CLI would get so far
		call := func(name string, d []*tfprotov6.Diagnostic) bool {
			t.Helper()
			for _, one := range d {
				if ready {
					expectOwnFault(t, fmt.Sprintf("%s, case %d", name, n), one)
				}
			}
			if hasError(d) {
				refused[name]++
			}
			return !hasError(d)
		}
		if g.once(3) {
			block := g.object(schemas().Provider.ValueType())
			config := s.raw(schemas().Provider, block)
			d, err := s.validateRaw("provider", "", config)
			must(t, err)
			valid := call("validate provider", d)
			ready = ready && valid
			ready = call("configure", s.configureRaw(config)) && ready
		} else if d := s.configure(nil); len(d) > 0 {
			t.Fatal(describe(d))
		}
		for _, name := range []string{"alioss_presigned_url", "alioss_presigned_urls"} {
			schema := schemaOf("data", name)
			config := s.raw(schema, g.config(schema))
			d, err := s.validateRaw("data", name, config)
			must(t, err)
			valid := call("validate "+name, d)
			if !valid && !g.once(4) {
				continue
			}
			configured := ready
			ready = ready && valid && known(config, schema)
			_, d, err = s.signRaw("data", name, config)
			must(t, err)
			call("read "+name, d)
			ready = configured
		}
		schema := schemaOf("ephemeral", managedURL)
		config := s.raw(schema, g.config(schema))
		d, err := s.validateRaw("ephemeral", managedURL, config)
		must(t, err)
		if valid := call("validate ephemeral", d); valid || g.once(4) {
			configured := ready
			ready = ready && valid && known(config, schema)
			_, d, err = s.signRaw("ephemeral", managedURL, config)
			must(t, err)
			call("open", d)
			ready = configured
		}
		if ready {
			g.manage(t, s, call)
		} else {
			g.manage(t, s, func(_ string, d []*tfprotov6.Diagnostic) bool { return !hasError(d) })
		}
		g.parse(t, s)
	}
	for _, name := range []string{
		"validate provider", "configure", "validate alioss_presigned_url", "validate alioss_presigned_urls",
		"validate ephemeral", "validate resource", "apply", "read alioss_presigned_url", "open",
	} {
		if refused[name] == 0 || strings.HasPrefix(name, "validate") && refused[name] == int(cases) {
			t.Errorf("%s: %d of %d refused: the configurations are too tame or too strange", name, refused[name], cases)
		}
	}
	t.Logf("%d cases, seed %d; refused: %v", cases, seed, refused)
}

func strangeNumber(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(s, 10, 32)
	must(t, err)
	return n
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// expectOwnFault wants an input not to be taken for a fault of the provider.
func expectOwnFault(t *testing.T, where string, d *tfprotov6.Diagnostic) {
	t.Helper()
	if strings.Contains(d.Detail, bugAdvice) {
		t.Errorf("%s: an input is taken for a fault of the provider: %s: %s", where, d.Summary, d.Detail)
	}
}

// manage plans and applies the resource, from no state or from a strange one, with and without a
// state of its own making.
func (g *strange) manage(t *testing.T, s *session, call func(string, []*tfprotov6.Diagnostic) bool) {
	t.Helper()
	schema := schemaOf("resource", managedURL)
	typ := schema.ValueType()
	values := g.config(schema)
	config := s.raw(schema, values)
	d, err := s.validateRaw("resource", managedURL, config)
	must(t, err)
	if !call("validate resource", d) {
		if g.once(4) {
			return
		}
		call = func(_ string, d []*tfprotov6.Diagnostic) bool { return !hasError(d) }
	}
	prior := s.raw(schema, tftypes.NewValue(typ, nil))
	if g.once(2) {
		prior = s.raw(schema, g.known(typ))
		r, err := s.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
			TypeName:     managedURL,
			CurrentState: prior,
		})
		must(t, err)
		call("refresh", r.Diagnostics)
	}
	var proposed map[string]tftypes.Value
	must(t, values.As(&proposed))
	proposed = maps.Clone(proposed)
	for _, a := range schema.Block.Attributes {
		if a.Computed && proposed[a.Name].IsNull() && g.once(2) {
			proposed[a.Name] = tftypes.NewValue(a.ValueType(), tftypes.UnknownValue)
		}
	}
	p, err := s.server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: managedURL, PriorState: prior, ProposedNewState: s.raw(schema, tftypes.NewValue(typ, proposed)),
		Config: config,
	})
	must(t, err)
	if !call("plan", p.Diagnostics) {
		return
	}
	a, err := s.server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: managedURL, PriorState: prior, PlannedState: p.PlannedState, Config: config,
		PlannedPrivate: p.PlannedPrivate,
	})
	must(t, err)
	call("apply", a.Diagnostics)
}

// parse calls the function with a string, or with no string at all.
func (g *strange) parse(t *testing.T, s *session) {
	t.Helper()
	argument := s.rawOf(tftypes.String, g.value(tftypes.String, "url", 0))
	_, err := s.server.CallFunction(t.Context(), &tfprotov6.CallFunctionRequest{
		Name:      "parse_presigned_url",
		Arguments: []*tfprotov6.DynamicValue{argument},
	})
	must(t, err)
}

// known reports whether a configuration has nothing unknown in it.
func known(config *tfprotov6.DynamicValue, schema *tfprotov6.Schema) bool {
	v, err := config.Unmarshal(schema.ValueType())
	return err == nil && v.IsFullyKnown()
}

// strange generates values.
type strange struct{ *rand.Rand }

func (g *strange) once(n int) bool { return g.IntN(n) == 0 }

// config is a configuration of a block: often with what must be there, so that more than the first
// fault is met.
func (g *strange) config(schema *tfprotov6.Schema) tftypes.Value {
	object, rate := g.object(schema.ValueType()), []int{3, 10, 30}[g.IntN(3)]
	var values map[string]tftypes.Value
	_ = object.As(&values)
	values = maps.Clone(values)
	for _, a := range schema.Block.Attributes {
		switch {
		case a.Computed && !a.Optional:
			values[a.Name] = tftypes.NewValue(a.ValueType(), nil)
		case a.Name == "bucket" && !g.once(rate):
			values[a.Name] = str("examplebucket")
		case a.Name == "key" && !g.once(rate):
			values[a.Name] = str("agent 1.tar.gz")
		case a.Name == "keys" && !g.once(rate):
			values[a.Name] = keyList("a", "b")
		case !a.Required && !g.once(rate):
			values[a.Name] = tftypes.NewValue(a.ValueType(), nil)
		}
	}
	return tftypes.NewValue(schema.ValueType(), values)
}

// object is a whole object, with a strange value at every place.
func (g *strange) object(typ tftypes.Type) tftypes.Value {
	attributes := typ.(tftypes.Object).AttributeTypes
	values := make(map[string]tftypes.Value, len(attributes))
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		values[name] = g.value(attributes[name], name, 0)
	}
	return tftypes.NewValue(typ, values)
}

// known is an object without anything unknown, as a state is.
func (g *strange) known(typ tftypes.Type) tftypes.Value {
	v, err := tftypes.Transform(g.object(typ), func(_ *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if !v.IsKnown() {
			return tftypes.NewValue(v.Type(), nil), nil
		}
		return v, nil
	})
	if err != nil {
		panic(err)
	}
	return v
}

func (g *strange) value(typ tftypes.Type, name string, depth int) tftypes.Value {
	switch g.IntN(8) {
	case 0:
		return tftypes.NewValue(typ, nil)
	case 1:
		return tftypes.NewValue(typ, tftypes.UnknownValue)
	}
	switch t := typ.(type) {
	case tftypes.Map:
		m := map[string]tftypes.Value{}
		for range g.IntN(4) {
			m[g.text("")] = g.value(t.ElementType, "", depth+1)
		}
		return tftypes.NewValue(typ, m)
	case tftypes.Object:
		return g.object(t)
	case tftypes.List:
		return tftypes.NewValue(typ, g.elements(t.ElementType, depth))
	case tftypes.Set:
		return tftypes.NewValue(typ, g.elements(t.ElementType, depth))
	}
	switch {
	case typ.Is(tftypes.String):
		return str(g.text(name))
	case typ.Is(tftypes.Bool):
		return tftypes.NewValue(typ, g.once(2))
	case typ.Is(tftypes.Number):
		return tftypes.NewValue(typ, g.number())
	}
	return g.dynamic(depth)
}

func (g *strange) elements(typ tftypes.Type, depth int) []tftypes.Value {
	var values []tftypes.Value
	for range g.IntN(4) {
		values = append(values, g.value(typ, "", depth+1))
	}
	return values
}

// dynamic is a value of any type.
func (g *strange) dynamic(depth int) tftypes.Value {
	types := []tftypes.Type{
		tftypes.String, tftypes.Number, tftypes.Bool,
		tftypes.List{ElementType: tftypes.String},
		tftypes.Set{ElementType: tftypes.String},
		tftypes.Map{ElementType: tftypes.String},
		tftypes.List{ElementType: tftypes.Number},
		tftypes.Map{ElementType: tftypes.List{ElementType: tftypes.String}},
		tftypes.Set{ElementType: tftypes.Object{AttributeTypes: map[string]tftypes.Type{"a": tftypes.String}}},
	}
	switch n := g.IntN(len(types) + 3); {
	case n < len(types):
		return g.value(types[n], "", depth+1)
	case depth > 2:
		return tftypes.NewValue(tftypes.DynamicPseudoType, nil)
	case n == len(types):
		return tftypes.NewValue(tftypes.DynamicPseudoType, tftypes.UnknownValue)
	case n == len(types)+1:
		var values []tftypes.Value
		for range g.IntN(4) {
			values = append(values, g.dynamic(depth+1))
		}
		return mixed(values...)
	default:
		values := map[string]tftypes.Value{}
		for range g.IntN(4) {
			values[strings.ToValidUTF8(g.text(""), "?")] = g.dynamic(depth + 1) // the protocol transfers a type as JSON
		}
		return objectType(values)
	}
}

func (g *strange) number() *big.Float {
	huge, _ := new(big.Float).SetString("1e400")
	numbers := []*big.Float{
		big.NewFloat(0), big.NewFloat(-1), big.NewFloat(0.5), big.NewFloat(819_200), big.NewFloat(819_200.5),
		big.NewFloat(900), big.NewFloat(1 << 62),
		big.NewFloat(1 << 63), big.NewFloat(-1 << 63), big.NewFloat(1 << 64), big.NewFloat(1e300), huge,
		new(big.Float).Neg(huge),
		new(big.Float).SetInf(false), new(big.Float).SetInf(true),
	}
	return numbers[g.IntN(len(numbers))]
}

// strangeTexts are, beside nasty ones, texts that some attribute takes or nearly takes.
var strangeTexts = []string{
	"1h", "7d", "604800", "1s", "0", "15m", "P1D", "2026-03-01T12:00:00Z", "2026-03-02T12:00:00+08:00",
	"0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "GET", "PUT", "HEAD", "DELETE", "cn-hangzhou",
	"oss-cn-hangzhou", "cn-hangzhou-internal", "us-west-1", "oss-", "-internal",
	"oss--internal", "cn-hangzhou-finance", "internal", "public", "dual-stack", "accelerate",
	"https://oss-cn-hangzhou.aliyuncs.com", "https://192.0.2.1:9000", "https://[::1]", "http://localhost",
	"downloads.example.com", "https://downloads.example.com:443", "下载.例子",
	"examplebucket", "cb-123", "cb-123.cn-hangzhou.oss-cloudbox.aliyuncs.com", "image/resize,w_200",
	"LTAI5tExampleKeyId000001", "STS.example", "acs:ram::1:role/a", "acs:ram::1:oidc-provider/a",
	`{"Version":"1","Statement":[]}`, "cache-control", "Cache-Control", "content-type",
	"x-oss-meta-a", "range", "~/.aliyun/config.json", "http://100.100.100.200/", "a.txt", "%", "+", "☃",
	"https://examplebucket.oss-cn-hangzhou.aliyuncs.com/k" +
		"?x-oss-credential=a%2F20260301%2Fcn-hangzhou%2Foss%2Faliyun_v4_request" +
		"&x-oss-date=20260301T120000Z&x-oss-expires=60&x-oss-signature=" + strings.Repeat("0", 64) +
		"&x-oss-signature-version=OSS4-HMAC-SHA256",
}

func (g *strange) text(name string) string {
	choice := strangeTexts
	if g.once(3) {
		choice = nasty()
	}
	s := choice[g.IntN(len(choice))]
	switch {
	case g.once(12):
		b := make([]byte, g.IntN(12))
		for i := range b {
			b[i] = byte(g.Uint32())
		}
		s = string(b)
	case g.once(20):
		s += choice[g.IntN(len(choice))]
	case g.once(60):
		s = strings.Repeat(s, 1<<10)
	}
	if name == "secret_key" || name == "security_token" {
		s = hidden + s
	}
	return s
}

// rawOf returns a value as it comes over the protocol.
func (s *session) rawOf(typ tftypes.Type, v tftypes.Value) *tfprotov6.DynamicValue {
	s.t.Helper()
	d, err := tfprotov6.NewDynamicValue(typ, v)
	if err != nil {
		s.t.Fatal(err)
	}
	return &d
}

func (s *session) raw(schema *tfprotov6.Schema, v tftypes.Value) *tfprotov6.DynamicValue {
	s.t.Helper()
	return s.rawOf(schema.ValueType(), v)
}
