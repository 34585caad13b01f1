package provider

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// core is what a CLI's core is to the managed resource, as strict as the rules that it holds a
// provider to (objchange.AssertPlanValid and AssertObjectCompatible in Terraform and OpenTofu):
// every plan and every result passes it.
type core struct {
	*managed

	// ignore are the attributes of lifecycle.ignore_changes.
	ignore []string
}

// core returns the core of a resource that does not exist yet.
func (w *world) core(t testing.TB, provider args, ignore ...string) *core {
	t.Helper()
	return &core{w.managed(t, provider), ignore}
}

// is returns the core with a state, and what it ignores.
func (c *core) is(state result, ignore ...string) *core {
	again := *c.managed
	again.state, again.private = state, []byte("kept")
	return &core{&again, ignore}
}

// decision is what a plan does: create, update or none, or refused with errors.
type decision struct {
	does        string
	after       result
	unknown     []string
	private     []byte
	diagnostics []*tfprotov6.Diagnostic
}

// config returns a configuration with the values of the state for what is ignored, as the core
// does.
func (c *core) config(config args) args {
	if c.state == nil {
		return config
	}
	whole := maps.Clone(config)
	if whole == nil {
		whole = args{}
	}
	for _, name := range c.ignore {
		whole[name] = c.state[name]
	}
	return whole
}

// decide plans, by a provider of its own that is configured with a block.
func (c *core) decide(provider, config args) decision {
	c.t.Helper()
	c.provider = provider
	c.start()
	d := decision{does: "refused", diagnostics: c.validateResource(managedURL, config)}
	if hasError(d.diagnostics) {
		return d
	}
	whole := c.config(config)
	private := []byte("kept")
	resp, err := c.server.PlanResourceChange(c.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: managedURL, PriorState: c.object(c.state), ProposedNewState: c.proposed(whole),
		Config:       c.dynamic(c.schema, whole),
		PriorPrivate: private,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	d.diagnostics = append(d.diagnostics, resp.Diagnostics...)
	if string(resp.PlannedPrivate) != string(private) || len(resp.RequiresReplace) > 0 || resp.Deferred != nil {
		c.t.Fatalf("private data %q, replaces for %v, deferred %v", resp.PlannedPrivate, resp.RequiresReplace, resp.Deferred)
	}
	if hasError(d.diagnostics) {
		return d
	}
	d.after, d.private = c.result(c.schema, resp.PlannedState), resp.PlannedPrivate
	c.isValid(whole, d.after)
	d.does = "none"
	for _, name := range slices.Sorted(maps.Keys(d.after)) {
		if c.state != nil && !d.after[name].Equal(c.state[name]) {
			d.does = "update"
		}
		if !d.after[name].IsFullyKnown() {
			d.unknown = append(d.unknown, name)
		}
	}
	if c.state == nil {
		d.does = "create"
	}
	return d
}

// isValid is AssertPlanValid: what is configured is planned, and only the provider's own attributes
// may be unknown.
func (c *core) isValid(config args, planned result) {
	c.t.Helper()
	for _, a := range c.schema.Block.Attributes {
		want, err := valueOf(a.ValueType(), config[a.Name])
		if err != nil {
			c.t.Fatal(err)
		}
		got, ok := planned[a.Name]
		switch {
		case !ok || len(planned) != len(c.schema.Block.Attributes):
			c.t.Fatalf("planned: %d attributes, %s among them: %t", len(planned), a.Name, ok)
		case got.Equal(want):
		case a.Computed && !a.Optional: // results
		case a.Computed && want.IsNull(): // defaults
		default:
			c.t.Fatalf("%s is configured as %s, and planned as %s", a.Name, want, got)
		}
	}
}

// keeps is AssertObjectCompatible: what was known stays.
func (c *core) keeps(promised, came result, where string) {
	c.t.Helper()
	for name, value := range promised {
		if value.IsFullyKnown() && !value.Equal(came[name]) {
			c.t.Fatalf("%s: %s was %s, and is %s", where, name, value, came[name])
		}
	}
}

// carryOut applies a decision, by a provider of its own: it plans once more if there is something
// to do. It returns what was done, "failed" with errors.
func (c *core) carryOut(d decision, provider, config args) (string, []*tfprotov6.Diagnostic) {
	c.t.Helper()
	if d.does == "refused" || d.does == "none" {
		return d.does, nil
	}
	final := c.decide(provider, config)
	if final.does == "refused" {
		return "failed", final.diagnostics
	}
	c.keeps(d.after, final.after, "inconsistent final plan")
	if final.does == "none" {
		return "none", final.diagnostics
	}
	if final.does != d.does {
		c.t.Fatalf("%s was planned, and then %s", d.does, final.does)
	}
	resp, err := c.server.ApplyResourceChange(c.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: managedURL, PriorState: c.object(c.state), PlannedState: c.object(final.after),
		Config:         c.dynamic(c.schema, config),
		PlannedPrivate: final.private,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	if string(resp.Private) != string(final.private) {
		c.t.Fatalf("private data %q", resp.Private)
	}
	all := append(final.diagnostics, resp.Diagnostics...)
	if hasError(resp.Diagnostics) {
		if got := c.raw(resp.NewState); !got.Equal(c.raw(c.object(c.state))) {
			c.t.Fatalf("a failure leaves %s", got)
		}
		return "failed", all
	}
	after := c.result(c.schema, resp.NewState)
	c.keeps(final.after, after, "inconsistent result after apply")
	for name, value := range after {
		if !value.IsFullyKnown() {
			c.t.Fatalf("%s is not known after apply", name)
		}
	}
	c.state = after
	return final.does, all
}

// destroy plans to destroy, and does so, by a provider with a block or one that was never
// configured (nil).
func (c *core) destroy(provider *args) {
	c.t.Helper()
	s := &session{t: c.t, server: c.world.server(c.t), schema: c.session.schema}
	if provider != nil {
		if d := s.configure(*provider); hasError(d) {
			c.t.Fatal(describe(d))
		}
	}
	planned, err := s.server.PlanResourceChange(c.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: managedURL, PriorState: c.object(c.state), ProposedNewState: c.object(nil), Config: c.object(nil),
		PriorPrivate: []byte("kept"),
	})
	if err != nil || len(planned.Diagnostics) > 0 || !c.raw(planned.PlannedState).IsNull() {
		c.t.Fatalf("plan to destroy: %v %s", err, describe(planned.Diagnostics))
	}
	done, err := s.server.ApplyResourceChange(c.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: managedURL, PriorState: c.object(c.state), PlannedState: planned.PlannedState, Config: c.object(nil),
		PlannedPrivate: planned.PlannedPrivate,
	})
	if err != nil || len(done.Diagnostics) > 0 || !c.raw(done.NewState).IsNull() {
		c.t.Fatalf("destroy: %v %s", err, describe(done.Diagnostics))
	}
}

// raw returns an object of the resource's schema as a value.
func (c *core) raw(d *tfprotov6.DynamicValue) tftypes.Value {
	c.t.Helper()
	v, err := d.Unmarshal(c.schema.ValueType())
	if err != nil {
		c.t.Fatal(err)
	}
	return v
}

// with returns a state with other values in it, which stand as in a configuration.
func (c *core) with(state result, changes args) result {
	c.t.Helper()
	changed := maps.Clone(state)
	for name, v := range changes {
		value, err := valueOf(state[name].Type(), v)
		if err != nil {
			c.t.Fatal(err)
		}
		changed[name] = value
	}
	return changed
}

// upgraded reads a state as it is in the file.
func (c *core) upgraded(state string) (result, []*tfprotov6.Diagnostic) {
	c.t.Helper()
	resp, err := c.server.UpgradeResourceState(c.t.Context(), &tfprotov6.UpgradeResourceStateRequest{
		TypeName: managedURL, Version: 0, RawState: &tfprotov6.RawState{JSON: []byte(state)},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	if hasError(resp.Diagnostics) {
		return nil, resp.Diagnostics
	}
	return c.result(c.schema, resp.UpgradedState), resp.Diagnostics
}

// String is the decision in a line, for messages.
func (d decision) String() string {
	return fmt.Sprintf("%s with %v unknown\n%s", d.does, d.unknown, describe(d.diagnostics))
}
