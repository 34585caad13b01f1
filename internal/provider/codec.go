package provider

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// decode returns the attributes of a block as the protocol transfers it, or nil for a block that is
// null, unknown or missing. Most attributes are null or strings, for which tftypes needs several
// times as long. tftypes decodes the others, and whatever is no object of the type.
func decode(d *tfprotov6.DynamicValue, typ tftypes.Object) (values, error) {
	if d == nil {
		return nil, nil
	}
	m := msgpack.NewDecoder(bytes.NewReader(d.MsgPack))
	n, err := m.DecodeMapLen()
	if err != nil || n != len(typ.AttributeTypes) {
		v, err := d.Unmarshal(typ)
		return valuesOf(v), err
	}
	v := make(values, n)
	for range n {
		name, err := m.DecodeString()
		if err != nil {
			return nil, err
		}
		if v[name], err = decodeOne(m, typ.AttributeTypes[name]); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return v, nil
}

func decodeOne(m *msgpack.Decoder, typ tftypes.Type) (tftypes.Value, error) {
	if typ == nil {
		return tftypes.Value{}, errors.New("the schema has no such attribute")
	}
	switch code, err := m.PeekCode(); {
	case err != nil:
		return tftypes.Value{}, err
	case code == msgpcode.Nil:
		return tftypes.NewValue(typ, nil), m.DecodeNil()
	case typ.Is(tftypes.String) && msgpcode.IsString(code):
		s, err := m.DecodeString()
		return textValue(s), err
	}
	raw, err := m.DecodeRaw()
	if err != nil {
		return tftypes.Value{}, err
	}
	return tfprotov6.DynamicValue{MsgPack: raw}.Unmarshal(typ)
}

func (v values) encode(typ tftypes.Object) (*tfprotov6.DynamicValue, error) {
	var b bytes.Buffer
	m := msgpack.NewEncoder(&b)
	err := m.EncodeMapLen(len(typ.AttributeTypes))
	for name, one := range typ.AttributeTypes {
		if err = cmp.Or(err, m.EncodeString(name), encodeOne(m, one, v[name])); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return &tfprotov6.DynamicValue{MsgPack: b.Bytes()}, err
}

func encodeOne(m *msgpack.Encoder, typ tftypes.Type, value tftypes.Value) error {
	mapType, isMap := typ.(tftypes.Map)
	switch {
	case value.IsNull():
		return m.EncodeNil()
	case value.IsKnown() && typ.Is(tftypes.String):
		var s string
		err := value.As(&s)
		return cmp.Or(err, m.EncodeString(s))
	case value.IsKnown() && isMap && value.Type().Is(tftypes.Map{}):
		elements := valuesOf(value)
		err := m.EncodeMapLen(len(elements))
		for key, element := range elements {
			err = cmp.Or(err, m.EncodeString(key), encodeOne(m, mapType.ElementType, element))
		}
		return err
	}
	d, err := tfprotov6.NewDynamicValue(typ, value)
	if err != nil {
		return err
	}
	return msgpack.RawMessage(d.MsgPack).EncodeMsgpack(m)
}
