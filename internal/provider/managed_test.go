package provider

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

const managedURL = "alioss_presigned_url"

// managed is a managed resource with its state, planned and applied as the CLI does it, without a
// CLI.
type managed struct {
	*session

	schema  *tfprotov6.Schema
	state   result
	private []byte
	// provider is the provider block. Every plan and every apply configures a provider of its own, as
	// the CLI does.
	world    *world
	provider args
}

// plan is the content of a plan.
type plan struct {
	action      string // create, update or none
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
	return &managed{session: s, schema: s.schema.ResourceSchemas[managedURL], world: w, provider: provider}
}

// apart returns the resource with its present state, so that one state can be taken two ways.
func (m *managed) apart() *managed {
	again := *m
	return &again
}

// start configures a provider of its own for a plan or an apply.
func (m *managed) start() {
	m.t.Helper()
	m.session = &session{t: m.t, server: m.world.server(m.t), schema: m.session.schema, cli: m.session.cli}
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
	p := plan{config: config, diagnostics: m.validateResource(managedURL, config)}
	if hasError(p.diagnostics) {
		return p
	}
	resp, err := m.server.PlanResourceChange(m.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: managedURL, PriorState: m.object(m.state), ProposedNewState: m.proposed(config),
		Config: m.dynamic(m.schema, config), PriorPrivate: m.private,
	})
	if err != nil {
		m.t.Fatal(err)
	}
	p.diagnostics = append(p.diagnostics, resp.Diagnostics...)
	if hasError(p.diagnostics) {
		return p
	}
	if len(resp.RequiresReplace) > 0 {
		m.t.Fatalf("the plan replaces for %v", resp.RequiresReplace)
	}
	p.after, p.private, p.action = m.result(m.schema, resp.PlannedState), resp.PlannedPrivate, "none"
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

// apply applies a plan as the CLI does: by planning again if the plan has a change, comparing the
// result with the plan, and then the applied result against that. It returns what was done.
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
		return "", final.diagnostics
	}
	if final.action != p.action && (p.action != "update" || final.action != "none") {
		m.t.Fatalf("inconsistent final plan: %s became %s", p.action, final.action)
	}
	m.compatible(p.after, final.after)
	if final.action == "none" {
		return "none", final.diagnostics
	}
	resp, err := m.server.ApplyResourceChange(m.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: managedURL, PriorState: m.object(m.state), PlannedState: m.object(final.after),
		Config: m.dynamic(m.schema, p.config), PlannedPrivate: final.private,
	})
	if err != nil {
		m.t.Fatal(err)
	}
	diagnostics := append(final.diagnostics, resp.Diagnostics...)
	after := m.result(m.schema, resp.NewState)
	if hasError(diagnostics) {
		for name, value := range m.state {
			if !value.Equal(after[name]) {
				m.t.Fatalf("a failed update changes %s", name)
			}
		}
		if m.state == nil && len(after) > 0 {
			m.t.Fatal("a failed creation leaves something in the state")
		}
		return "", diagnostics
	}
	m.compatible(final.after, after)
	for name, value := range after {
		if !value.IsFullyKnown() {
			m.t.Fatalf("%s is not known after apply", name)
		}
	}
	m.state, m.private = after, resp.Private
	return final.action, diagnostics
}

// create makes the resource exist.
func (m *managed) create(config args) {
	m.t.Helper()
	if done, d := m.apply(m.plan(config)); done != "create" || hasError(d) {
		m.t.Fatal(done, describe(d))
	}
}

// compatible compares the planned values with the actual ones.
func (m *managed) compatible(promised, came result) {
	m.t.Helper()
	for name, value := range promised {
		if value.IsFullyKnown() && !value.Equal(came[name]) {
			m.t.Fatalf("inconsistent result: %s was planned otherwise", name)
		}
	}
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
