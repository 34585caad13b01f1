package credentials

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// model is a second statement of who signs, from the rules of the documentation alone: what is set
// in a world, and from it the identity and the warnings.
type model struct {
	random *rand.Rand
	// families are the states of the families of variables.
	families [len(families)]familyState
	// files are the files of profiles by their paths, named are the paths in variables.
	files map[string]modelFile
	named []string
	// profile and role are the names in variables. uri and oidc are true if these variables are
	// complete.
	profile, role string
	uri, oidc     bool
	metadata      metadataState
	// disabled is true if the files at the default places are not read.
	disabled bool
	config   Config
}

type (
	familyState   int
	metadataState int
	// modelFile is a file with one profile. In JSON this is the current one.
	modelFile struct {
		profile, id string
		cannotSign  bool
	}
)

const (
	unset familyState = iota
	complete
	half
	tokenAlone
)

const (
	reachable metadataState = iota
	outOfReach
	switchedOff
)

// The results of a step, other than an AccessKey ID.
const (
	nobody = ""
	gone   = "not there"
	failed = "an error"
)

var modelDefaults = []string{
	"/home/u/.aliyun/config.json", "/home/u/.alibabacloud/credentials", "/home/u/.alibabacloud/credentials.ini",
	"/home/u/.ossutilconfig",
}

func (m *model) chance(percent int) bool { return m.random.IntN(100) < percent }

func oneOf[T any](m *model, all ...T) T { return all[m.random.IntN(len(all))] }

// newModel sets up a world at random.
func newModel(w *world, seed uint64) *model {
	m := &model{random: rand.New(rand.NewPCG(seed, 0)), files: map[string]modelFile{}}
	for i, v := range families {
		if m.chance(18) {
			m.families[i] = oneOf(m, complete, complete, half, tokenAlone)
		}
		switch m.families[i] {
		case complete:
			w.vars[v.id], w.vars[v.secret] = fmt.Sprintf("AKf%d", i), "SKf"
		case half:
			w.vars[v.id] = "AKh"
		case tokenAlone:
			w.vars[v.token] = "T"
		}
	}
	w.files["/token"] = "oidc-token"
	if m.chance(25) {
		path := oneOf(m, "/token", "/none", "")
		m.oidc = path == "/token"
		w.vars["ALIBABA_CLOUD_ROLE_ARN"], w.vars["ALIBABA_CLOUD_OIDC_PROVIDER_ARN"] = roleARN, providerARN
		w.vars["ALIBABA_CLOUD_OIDC_TOKEN_FILE"] = path
	}
	for _, path := range modelDefaults {
		if m.chance(30) {
			m.write(w, path)
		}
	}
	for i, name := range fileVariables {
		if m.chance(25) {
			path := fmt.Sprintf("/v%d.json", i)
			w.vars[name], m.named = path, append(m.named, path)
			if m.chance(50) {
				m.write(w, path)
			}
		}
	}
	if m.chance(30) {
		m.profile = oneOf(m, "p", "nope")
		w.vars[oneOf(m, profileVariables...)] = m.profile
	}
	const uri = "http://" + casesURI
	if m.uri = m.chance(15); m.uri {
		w.vars["ALICLOUD_CREDENTIALS_URI"] = uri + "/c"
	}
	if m.chance(15) {
		m.role = oneOf(m, "held-role", "nosuch")
		w.vars["ALIBABA_CLOUD_ECS_METADATA"] = m.role
	}
	m.metadata = oneOf(m, reachable, outOfReach, switchedOff)
	w.imds.down = m.metadata == outOfReach
	m.disabled = m.chance(10)
	w.vars[metadataSwitch], w.vars[profileSwitches[0]] = fmt.Sprint(m.metadata == switchedOff), fmt.Sprint(m.disabled)
	oidc := func(path string) Config {
		return Config{
			AssumeRoleWithOIDC: &AssumeRoleWithOIDC{RoleARN: roleARN, OIDCProviderARN: providerARN, OIDCTokenFile: path},
		}
	}
	if m.chance(50) {
		m.config = oneOf(m,
			Config{AccessKey: "AKb", SecretKey: NewSecret("SKb")}, Config{Profile: "p"}, Config{Profile: "nope"},
			Config{SharedCredentialsFile: "/none"}, Config{SharedCredentialsFile: modelDefaults[0]},
			Config{ECSRoleName: "held-role"}, Config{ECSRoleName: "nosuch"},
			Config{CredentialsURI: uri + "/c"}, Config{CredentialsURI: uri + "/none"}, oidc("/token"), oidc("/none"))
	}
	return m
}

// write writes a file with one profile, JSON or ini. In JSON it may be one that cannot sign.
func (m *model) write(w *world, path string) {
	file := modelFile{profile: oneOf(m, "default", "p", "q"), id: "AK" + path}
	w.files[path] = fmt.Sprintf("[%s]\naccess_key_id = %s\naccess_key_secret = SKp\n", file.profile, file.id)
	if strings.HasSuffix(path, ".json") {
		mode := oneOf(m, "AK", "AK", "BearerToken")
		file.cannotSign = mode != "AK"
		w.files[path] = cliConfig(file.profile, fmt.Sprintf(
			`{"name":%q,"mode":%q,"access_key_id":%q,"access_key_secret":"SKp"}`, file.profile, mode, file.id))
	}
	m.files[path] = file
}

// keys is step 2.
func (m *model) keys() string {
	i := slices.IndexFunc(m.families[:], func(s familyState) bool { return s == complete || s == half })
	switch {
	case i < 0:
		return nobody
	case m.families[i] == half:
		return failed
	}
	return fmt.Sprintf("AKf%d", i)
}

// byOIDC is step 3.
func (m *model) byOIDC() string {
	if m.oidc {
		return "STS.AssumeRoleWithOIDC"
	}
	return nobody
}

// unnamed are steps 4 to 7.
func (m *model) unnamed() string {
	if m.profile != "" || len(m.named) > 0 {
		if id := m.profileOf(m.named, m.profile, false); id != nobody {
			return id
		}
	}
	switch {
	case m.uri:
		return "STS.uri"
	case m.role != "" && m.metadata != switchedOff:
		return m.instanceRole(m.role)
	}
	if !m.disabled {
		if id := m.profileOf(nil, m.profile, false); id != nobody {
			return id
		}
	}
	return m.instanceRole("")
}

// profileOf is a profile of files, of those at the default places if paths is empty. strict is true
// if the configuration names one.
func (m *model) profileOf(paths []string, name string, strict bool) string {
	isNamed, lacked, atDefault := name != "" || strict, false, len(paths) == 0
	if atDefault {
		paths = modelDefaults
	}
	for _, path := range paths {
		file, exists := m.files[path]
		has := file.profile == name || name == "" && (strings.HasSuffix(path, ".json") || file.profile == "default")
		switch {
		case !exists:
		case !has:
			lacked = lacked || !atDefault || path != "/home/u/.ossutilconfig"
		case !file.cannotSign:
			return file.id
		case isNamed:
			return failed
		}
	}
	switch {
	case lacked && isNamed:
		return failed
	case strict:
		return gone
	}
	return nobody
}

func (m *model) instanceRole(name string) string {
	switch {
	case m.metadata != reachable:
		return gone
	case name == "nosuch":
		return failed
	}
	return "STS.imds"
}

// block is step 1.
func (m *model) block() string {
	switch c := m.config; {
	case c.Profile != "":
		return m.profileOf(m.named, c.Profile, true)
	case c.SharedCredentialsFile != "":
		return m.profileOf([]string{c.SharedCredentialsFile}, m.profile, true)
	case c.ECSRoleName != "":
		return m.instanceRole(c.ECSRoleName)
	case strings.HasSuffix(c.CredentialsURI, "/c"):
		return "STS.uri"
	case c.CredentialsURI != "":
		return failed
	case c.AssumeRoleWithOIDC != nil && c.AssumeRoleWithOIDC.OIDCTokenFile == "/token":
		return "STS.AssumeRoleWithOIDC"
	case c.AssumeRoleWithOIDC != nil:
		return gone
	default:
		return c.AccessKey
	}
}

// want returns who signs, or failed, and the titles of the warnings.
func (m *model) want() (id string, warnings []string) {
	id = m.block()
	named, givesWay := id != nobody, id == gone
	steps := []func() string{m.keys, m.byOIDC, m.unnamed}
	if givesWay {
		id, steps = nobody, steps[:2]
	}
	for _, step := range steps {
		if id == nobody {
			id = step()
		}
	}
	if id == nobody || id == gone || id == failed {
		return failed, nil
	}
	has := func(states ...familyState) func(i int) bool {
		return func(i int) bool { return slices.Contains(states, m.families[i]) }
	}
	if strings.HasPrefix(id, "AKf") && m.keys() == id && (!named || givesWay) {
		if n := len(slices.DeleteFunc([]int{0, 1, 2, 3, 4}, func(i int) bool { return !has(complete)(i) })); n > 1 {
			warnings = append(warnings, two)
		}
	}
	alicloud := []int{1, 3, 4} // it takes the first ID and the first secret
	joined := slices.ContainsFunc(alicloud, has(complete, half)) && slices.ContainsFunc(alicloud, has(complete))
	switch {
	case givesWay:
		warnings = append(warnings, notFound)
	case named && m.config.AccessKey == "" && joined:
		warnings = append(warnings, another)
	}
	return id, warnings
}

// TestModel compares the source with the model in random worlds.
func TestModel(t *testing.T) {
	t.Parallel()
	w := situationWorld(t)
	signers := map[string]bool{}
	for seed := range uint64(4000) {
		w.vars, w.files, w.sts.requests = map[string]string{}, map[string]string{}, nil
		m := newModel(w, seed)
		want, warnings := m.want()
		source := w.source(m.config)
		found, err := source.Get(t.Context())
		got := found.AccessKeyID()
		if err != nil {
			got = failed
		}
		var titles []string
		for _, notice := range source.Notices() {
			titles = append(titles, notice.Title)
		}
		if got != want || !slices.Equal(titles, warnings) {
			t.Fatalf("seed %d: %s signs with warnings %q, want %s with %q\n%v\n%v\n%+v", seed, got, titles, want, warnings, err,
				w.vars, m)
		}
		signers[got] = true
	}
	// All sources had their turn: five families, three files in variables, four at default places, one
	// pair, OIDC, URI, metadata service, and an error.
	if len(signers) != 17 {
		t.Errorf("%d kinds of signers: %v", len(signers), signers)
	}
}
