package provider

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// decode returns the attributes of a block as the protocol transfers it, or nil for a block that is
// null, unknown or missing. Most attributes are null or strings, for which tftypes needs several
// times as long. tftypes decodes the others.
func decode(d *tfprotov6.DynamicValue, typ tftypes.Object) (values, error) {
	switch {
	case d == nil:
		return nil, nil
	case d.MsgPack == nil:
		v, err := d.Unmarshal(typ)
		if err != nil || v.IsNull() || !v.IsKnown() {
			return nil, err
		}
		return block(v), nil
	}
	r := bytes.NewReader(d.MsgPack)
	m := msgpack.NewDecoder(r)
	code, err := m.PeekCode()
	if err != nil || code == msgpcode.Nil || msgpcode.IsExt(code) {
		return nil, err
	}
	n, err := m.DecodeMapLen()
	if err != nil || n != len(typ.AttributeTypes) {
		return nil, fmt.Errorf("it is no object of %d attributes: %w", len(typ.AttributeTypes), err)
	}
	v := make(values, n)
	for range n {
		name, err := m.DecodeString()
		if err != nil {
			return nil, err
		}
		if v[name], err = decodeOne(m, r, d.MsgPack, typ.AttributeTypes[name]); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return v, nil
}

// decodeOne returns the next value of a message, of a type. No type is an error: the schema has no
// such attribute. The decoder reads the message without a buffer of its own.
func decodeOne(m *msgpack.Decoder, r *bytes.Reader, message []byte, typ tftypes.Type) (tftypes.Value, error) {
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
	from := len(message) - r.Len()
	if err := m.Skip(); err != nil {
		return tftypes.Value{}, err
	}
	return tfprotov6.DynamicValue{MsgPack: message[from : len(message)-r.Len()]}.Unmarshal(typ)
}

// encode returns attributes as the protocol transfers them, in the order of their names, and null
// for nil.
func (v values) encode(typ tftypes.Object) (*tfprotov6.DynamicValue, error) {
	var b bytes.Buffer
	m := msgpack.NewEncoder(&b)
	if v == nil {
		err := m.EncodeNil()
		return &tfprotov6.DynamicValue{MsgPack: b.Bytes()}, err
	}
	if err := m.EncodeMapLen(len(typ.AttributeTypes)); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(typ.AttributeTypes)) {
		err := m.EncodeString(name)
		if err == nil {
			err = encodeOne(m, &b, typ.AttributeTypes[name], v[name])
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return &tfprotov6.DynamicValue{MsgPack: b.Bytes()}, nil
}

// encodeOne appends a value of a type.
func encodeOne(m *msgpack.Encoder, b *bytes.Buffer, typ tftypes.Type, value tftypes.Value) error {
	if value.IsKnown() && value.IsNull() {
		return m.EncodeNil()
	}
	if s := ""; typ.Is(tftypes.String) && value.IsKnown() && value.As(&s) == nil {
		return m.EncodeString(s)
	}
	if elements := map[string]tftypes.Value(nil); typ.Is(tftypes.Map{}) && value.IsKnown() && value.As(&elements) == nil {
		err := m.EncodeMapLen(len(elements))
		for key, element := range elements {
			if err == nil {
				err = m.EncodeString(key)
			}
			if err == nil {
				err = encodeOne(m, b, typ.(tftypes.Map).ElementType, element) //nolint:forcetypeassert // Is says so
			}
		}
		return err
	}
	d, err := tfprotov6.NewDynamicValue(typ, value)
	if err != nil {
		return err
	}
	b.Grow(len(d.MsgPack))
	_, err = b.Write(d.MsgPack)
	return err
}
