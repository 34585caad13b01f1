package provider

import (
	"math/rand/v2"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// decode and encode have the results of tftypes, with strange values in every place.
func TestCodec(t *testing.T) {
	t.Parallel()
	g := &strange{Rand: rand.New(rand.NewPCG(1, 2))}
	byName := map[string]*tfprotov6.Schema{"resource": schemaOf("resource", managedURL)}
	for name, schema := range schemas().DataSourceSchemas {
		byName["data "+name] = schema
	}
	for name, schema := range byName {
		t.Run(name, func(t *testing.T) {
			typ, ok := schema.ValueType().(tftypes.Object)
			if !ok {
				t.Fatal("the block is no object")
			}
			for range 200 {
				want := g.object(typ)
				d, err := tfprotov6.NewDynamicValue(typ, want)
				must(t, err)
				v, err := decode(&d, typ)
				must(t, err)
				if got := tftypes.NewValue(typ, map[string]tftypes.Value(v)); !got.Equal(unmarshal(t, &d, typ)) {
					t.Fatalf("%s is decoded as %s", want, got)
				}
				encoded, err := v.encode(typ)
				must(t, err)
				if got := unmarshal(t, encoded, typ); !got.Equal(unmarshal(t, &d, typ)) {
					t.Fatalf("%s is encoded as %s", want, got)
				}
			}
		})
	}
}

func unmarshal(t *testing.T, d *tfprotov6.DynamicValue, typ tftypes.Type) tftypes.Value {
	t.Helper()
	v, err := d.Unmarshal(typ)
	must(t, err)
	return v
}

// A value that is no object of the type is an error, and a missing one is null.
func TestCodecOfOtherTypes(t *testing.T) {
	t.Parallel()
	typ := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"a": tftypes.String, "b": tftypes.Number}}
	for name, bytes := range map[string][]byte{
		"no bytes": {}, "a number": {1}, "too few attributes": {0x81, 0xa1, 'a', 0xc0},
		"another attribute": {0x82, 0xa1, 'a', 0xc0, 0xa1, 'c', 0xc0},
		"another type":      {0x82, 0xa1, 'a', 0xc0, 0xa1, 'b', 0x90}, "cut": {0x82, 0xa1, 'a', 0xa5, 'x'},
		"a name that is none": {0x82, 0x01, 0x01},
	} {
		t.Run(name, func(t *testing.T) {
			if v, err := decode(&tfprotov6.DynamicValue{MsgPack: bytes}, typ); err == nil {
				t.Errorf("decoded as %v", v)
			}
		})
	}
	for name, d := range map[string]*tfprotov6.DynamicValue{
		"nil": nil, "null": {MsgPack: []byte{0xc0}}, "unknown": {MsgPack: []byte{0xd4, 0, 0}},
	} {
		if v, err := decode(d, typ); v != nil || err != nil {
			t.Errorf("%s: %v, %v", name, v, err)
		}
	}
	if v, err := decode(&tfprotov6.DynamicValue{JSON: []byte(`{"a":"x","b":null}`)}, typ); err != nil ||
		v.text("a") != "x" || !v.isNull("b") {
		t.Errorf("JSON: %v, %v", v, err)
	}
}
