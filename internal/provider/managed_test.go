package provider

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

const managedURL = "alioss_presigned_url"

// managed is a managed resource with its state, planned and applied as the CLI does it, without a
// CLI. It is as strict as a CLI's core (objchange.AssertPlanValid and AssertObjectCompatible in
// Terraform and OpenTofu): a plan or a result that breaks its rules fails the test.
type managed struct {
	*session

	schema  *tfprotov6.Schema
	state   result
	private []byte
	// ignore are the attributes of lifecycle.ignore_changes.
	ignore []string
	// provider is the provider block. Every plan and every apply configures a provider of its own, as
	// the CLI does.
	world    *world
	provider args
}

// plan is the content of a plan.
type plan struct {
	action      string // create, update or none; refused after errors
	config      args
	after       result
	private     []byte
	diagnostics []*tfprotov6.Diagnostic
}

// managed returns a resource that does not exist yet, of a provider that is configured with a
// block.
func (w *world) managed(t testing.TB, provider args) *managed {
	t.Helper()
	s := w.session(t)
	return &managed{
		session: s, schema: schemaOf("resource", managedURL), world: w, provider: provider, private: []byte("kept"),
	}
}

// apart returns the resource with its present state, so that one state can be taken two ways.
func (m *managed) apart() *managed {
	again := *m
	return &again
}

// is returns the resource with another state, and what it ignores.
func (m *managed) is(state result, ignore ...string) *managed {
	again := m.apart()
	again.state, again.ignore = state, ignore
	return again
}

// start configures a provider of its own for a plan or an apply.
func (m *managed) start() {
	m.t.Helper()
	m.session = &session{t: m.t, server: m.world.server(m.t), cli: m.session.cli}
	if d := m.configure(m.provider); len(d) > 0 {
		m.t.Fatal(describe(d))
	}
}

// plan refreshes and plans. Errors are in its diagnostics.
func (m *managed) plan(config args) plan {
	m.t.Helper()
	m.start()
	m.refresh()
	return m.planned(config)
}

// refresh upgrades and reads the state, which must stay as it is.
func (m *managed) refresh() {
	m.t.Helper()
	if m.state == nil {
		return
	}
	resp, err := m.server.ReadResource(m.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: managedURL, CurrentState: m.object(m.state), Private: m.private,
	})
	if err != nil || len(resp.Diagnostics) > 0 {
		m.t.Fatal(err, describe(resp.Diagnostics))
	}
	read := m.result(m.schema, resp.NewState)
	for name, value := range m.state {
		if !value.Equal(read[name]) {
			m.t.Fatalf("%s changes when it is read", name)
		}
	}
	m.private = resp.Private
}

// planned validates and plans, without a refresh.
func (m *managed) planned(config args) plan {
	m.t.Helper()
	p := plan{action: "refused", config: config, diagnostics: m.validate("resource", managedURL, config)}
	if hasError(p.diagnostics) {
		return p
	}
	whole := m.withIgnored(config)
	resp, err := m.server.PlanResourceChange(m.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: managedURL, PriorState: m.object(m.state), ProposedNewState: m.proposed(whole),
		Config: m.dynamic(m.schema, whole), PriorPrivate: m.private,
	})
	if err != nil {
		m.t.Fatal(err)
	}
	p.diagnostics = append(p.diagnostics, resp.Diagnostics...)
	if string(resp.PlannedPrivate) != string(m.private) || len(resp.RequiresReplace) > 0 || resp.Deferred != nil {
		m.t.Fatalf("private data %q, replaces for %v, deferred %v", resp.PlannedPrivate, resp.RequiresReplace, resp.Deferred)
	}
	if hasError(p.diagnostics) {
		return p
	}
	p.after, p.private, p.action = m.result(m.schema, resp.PlannedState), resp.PlannedPrivate, "none"
	m.isValid(whole, p.after)
	for name, value := range p.after {
		if m.state != nil && !value.Equal(m.state[name]) {
			p.action = "update"
		}
	}
	if m.state == nil {
		p.action = "create"
	}
	return p
}

// withIgnored returns a configuration with the values of the state for what is ignored.
func (m *managed) withIgnored(config args) args {
	if m.state == nil || len(m.ignore) == 0 {
		return config
	}
	whole := args{}
	maps.Copy(whole, config)
	for _, name := range m.ignore {
		whole[name] = m.state[name]
	}
	return whole
}

// isValid is AssertPlanValid: what is configured is planned, and only the provider's own attributes
// may be unknown.
func (m *managed) isValid(config args, planned result) {
	m.t.Helper()
	for _, a := range m.schema.Block.Attributes {
		want, err := valueOf(a.ValueType(), config[a.Name])
		if err != nil {
			m.t.Fatal(err)
		}
		got, ok := planned[a.Name]
		switch {
		case !ok || len(planned) != len(m.schema.Block.Attributes):
			m.t.Fatalf("planned: %d attributes, %s among them: %t", len(planned), a.Name, ok)
		case got.Equal(want):
		case a.Computed && !a.Optional: // results
		case a.Computed && want.IsNull(): // defaults
		default:
			m.t.Fatalf("%s is configured as %s, and planned as %s", a.Name, want, got)
		}
	}
}

// keeps is AssertObjectCompatible: what was known stays.
func (m *managed) keeps(promised, came result, where string) {
	m.t.Helper()
	for name, value := range promised {
		if value.IsFullyKnown() && !value.Equal(came[name]) {
			m.t.Fatalf("%s: %s was %s, and is %s", where, name, value, came[name])
		}
	}
}

// apply applies a plan by a provider of its own: it plans once more if the plan has a change, and
// compares that with the plan, and then the result with both. It returns what was done, "failed"
// after errors.
func (m *managed) apply(p plan) (string, []*tfprotov6.Diagnostic) {
	m.t.Helper()
	if hasError(p.diagnostics) {
		m.t.Fatal(describe(p.diagnostics))
	}
	if p.action == "none" {
		return "none", nil
	}
	m.start()
	final := m.planned(p.config)
	if hasError(final.diagnostics) {
		return "failed", final.diagnostics
	}
	m.keeps(p.after, final.after, "inconsistent final plan")
	if final.action == "none" {
		return "none", final.diagnostics
	}
	if final.action != p.action {
		m.t.Fatalf("%s was planned, and then %s", p.action, final.action)
	}
	resp, err := m.server.ApplyResourceChange(m.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: managedURL, PriorState: m.object(m.state), PlannedState: m.object(final.after),
		Config: m.dynamic(m.schema, p.config), PlannedPrivate: final.private,
	})
	if err != nil {
		m.t.Fatal(err)
	}
	if string(resp.Private) != string(final.private) {
		m.t.Fatalf("private data %q", resp.Private)
	}
	diagnostics := append(final.diagnostics, resp.Diagnostics...)
	if hasError(resp.Diagnostics) {
		if got := m.raw(resp.NewState); !got.Equal(m.raw(m.object(m.state))) {
			m.t.Fatalf("a failure leaves %s", got)
		}
		return "failed", diagnostics
	}
	after := m.result(m.schema, resp.NewState)
	m.keeps(final.after, after, "inconsistent result after apply")
	for name, value := range after {
		if !value.IsFullyKnown() {
			m.t.Fatalf("%s is not known after apply", name)
		}
	}
	m.state, m.private = after, resp.Private
	return final.action, diagnostics
}

// decide plans without a refresh, by a provider of its own that is configured with a block.
func (m *managed) decide(provider, config args) plan {
	m.t.Helper()
	m.provider = provider
	m.start()
	return m.planned(config)
}

// carryOut applies a plan with the values that are known by then. A refused plan is not applied.
func (m *managed) carryOut(p plan, provider, config args) (string, []*tfprotov6.Diagnostic) {
	m.t.Helper()
	if p.action == "refused" {
		return p.action, nil
	}
	m.provider, p.config = provider, config
	return m.apply(p)
}

// create makes the resource exist.
func (m *managed) create(config args) {
	m.t.Helper()
	if done, d := m.apply(m.plan(config)); done != "create" || len(d) > 0 {
		m.t.Fatal(done, describe(d))
	}
}

// destroy plans to destroy, and does so, by a provider with a block or one that was never
// configured (nil).
func (m *managed) destroy(provider *args) {
	m.t.Helper()
	s := &session{t: m.t, server: m.world.server(m.t)}
	if provider != nil {
		if d := s.configure(*provider); hasError(d) {
			m.t.Fatal(describe(d))
		}
	}
	planned, err := s.server.PlanResourceChange(m.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: managedURL, PriorState: m.object(m.state), ProposedNewState: m.object(nil), Config: m.object(nil),
		PriorPrivate: []byte("kept"),
	})
	if err != nil || len(planned.Diagnostics) > 0 || !m.raw(planned.PlannedState).IsNull() {
		m.t.Fatalf("plan to destroy: %v %s", err, describe(planned.Diagnostics))
	}
	done, err := s.server.ApplyResourceChange(m.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: managedURL, PriorState: m.object(m.state), PlannedState: planned.PlannedState, Config: m.object(nil),
		PlannedPrivate: planned.PlannedPrivate,
	})
	if err != nil || len(done.Diagnostics) > 0 || !m.raw(done.NewState).IsNull() {
		m.t.Fatalf("destroy: %v %s", err, describe(done.Diagnostics))
	}
}

// raw returns an object of the resource's schema as a value.
func (m *managed) raw(d *tfprotov6.DynamicValue) tftypes.Value {
	m.t.Helper()
	v, err := d.Unmarshal(m.schema.ValueType())
	if err != nil {
		m.t.Fatal(err)
	}
	return v
}

// with returns a state with other values in it, which stand as in a configuration.
func (m *managed) with(state result, changes args) result {
	m.t.Helper()
	changed := maps.Clone(state)
	for name, v := range changes {
		value, err := valueOf(state[name].Type(), v)
		if err != nil {
			m.t.Fatal(err)
		}
		changed[name] = value
	}
	return changed
}

// upgraded reads a state as it is in the file.
func (m *managed) upgraded(state string) (result, []*tfprotov6.Diagnostic) {
	m.t.Helper()
	resp, err := m.server.UpgradeResourceState(m.t.Context(), &tfprotov6.UpgradeResourceStateRequest{
		TypeName: managedURL, Version: 0, RawState: &tfprotov6.RawState{JSON: []byte(state)},
	})
	if err != nil {
		m.t.Fatal(err)
	}
	if hasError(resp.Diagnostics) {
		return nil, resp.Diagnostics
	}
	return m.result(m.schema, resp.UpgradedState), resp.Diagnostics
}

// proposed merges configuration and state as the CLI does: what is computed and not configured
// stays.
func (m *managed) proposed(config args) *tfprotov6.DynamicValue {
	m.t.Helper()
	merged := args{}
	for _, a := range m.schema.Block.Attributes {
		merged[a.Name] = config[a.Name]
		if config[a.Name] == nil && a.Computed && m.state != nil {
			merged[a.Name] = m.state[a.Name]
		}
	}
	return m.dynamic(m.schema, merged)
}

// object returns a result as the protocol transfers it, or null if there is none.
func (m *managed) object(r result) *tfprotov6.DynamicValue {
	m.t.Helper()
	var value any
	if r != nil {
		value = map[string]tftypes.Value(r)
	}
	d, err := tfprotov6.NewDynamicValue(m.schema.ValueType(), tftypes.NewValue(m.schema.ValueType(), value))
	if err != nil {
		m.t.Fatal(err)
	}
	return &d
}

// unknowns are the names of the attributes that a plan leaves unknown, sorted.
func (p plan) unknowns() []string {
	var names []string
	for name, value := range p.after {
		if !value.IsFullyKnown() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// String is the plan in a line, for messages.
func (p plan) String() string {
	return fmt.Sprintf("%s with %v unknown\n%s", p.action, p.unknowns(), describe(p.diagnostics))
}
