package provider

import (
	"context"
	"fmt"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// readModel fills a data source's model from a configuration, as tfsdk.Config.Get does, which compiles a regular expression for
// every field in every call: 40 % of what a validation allocates, where a plan validates and reads a thousand instances.
func readModel(ctx context.Context, config tftypes.Value, model any, d *diag.Diagnostics) {
	var values map[string]tftypes.Value
	if err := config.As(&values); err != nil {
		d.AddError("Unreadable Configuration", sentence(err)+" Please report this.")
		return
	}
	for name, field := range modelFields(model) {
		value, err := typeOf(ctx, field).ValueFromTerraform(ctx, values[name])
		if err != nil {
			d.AddError("Unreadable Configuration", sentence(fmt.Errorf("%s: %w", name, err))+" Please report this.")
			continue
		}
		field.Set(reflect.ValueOf(value))
	}
}

// writeModel returns a data source's model as a state of a type, as tfsdk.State.Set does.
func writeModel(ctx context.Context, typ tftypes.Type, model any, d *diag.Diagnostics) tftypes.Value {
	values := map[string]tftypes.Value{}
	for name, field := range modelFields(model) {
		value, err := field.Interface().(attr.Value).ToTerraformValue(ctx) //nolint:forcetypeassert // modelFields takes no other
		if err != nil {
			d.AddError("Unwritable State", sentence(fmt.Errorf("%s: %w", name, err))+" Please report this.")
			continue
		}
		values[name] = value
	}
	if d.HasError() {
		return tftypes.NewValue(typ, nil)
	}
	return tftypes.NewValue(typ, values)
}

// modelFields returns the fields of a model, a pointer to a struct, by the names in their tags.
func modelFields(model any) map[string]reflect.Value {
	m := reflect.ValueOf(model).Elem()
	fields := make(map[string]reflect.Value, 2*m.NumField())
	addFields(m, fields)
	return fields
}

func addFields(m reflect.Value, fields map[string]reflect.Value) {
	for i := range m.NumField() {
		switch field := m.Type().Field(i); {
		case field.Anonymous:
			addFields(m.Field(i), fields)
		case field.Type.Implements(reflect.TypeFor[attr.Value]()):
			fields[field.Tag.Get("tfsdk")] = m.Field(i)
		}
	}
}

// typeOf returns the type of a field. Of an empty map it would have no elements' type.
func typeOf(ctx context.Context, field reflect.Value) attr.Type {
	if field.Type() == reflect.TypeFor[types.Map]() {
		return types.MapType{ElemType: types.StringType}
	}
	return field.Interface().(attr.Value).Type(ctx) //nolint:forcetypeassert // modelFields takes no other
}
