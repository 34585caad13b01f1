package credentials

import (
	"strings"
	"testing"
	"time"

	"github.com/aliyun/credentials-go/credentials/providers"
)

// The faults of credentials-go that the domain specification lists (§1a), and the test that keeps each from users:
//
//  1. no end of credentials: TestProfileModes, TestRoleOnTop, TestInstanceRole, TestCloudSSO, TestOAuth, TestExternal
//  2. cached credentials about to end: TestFetchedAnewWhenTheyEnd
//  3. a chain that remembers its last provider: TestSearchBeginsAnew
//  4. no locks: TestThousandCallersOneRequest and TestOneLibraryCallAtATime, under the race detector
//  5. panics on answers with fields missing: TestFaultsOfServers, TestRoleRefused, TestLibraryPanics
//  6. file content and bodies in errors: the mark of secrets in every test, TestProfileFileThatIsNone
//  7. command and output printed: TestExternal, TestPlainLibraryPrints, TestDebugPrintsNothing
//  8. config.json rewritten: fromFile in TestCloudSSO, TestOAuth, TestExternal
//  9. commands split at blanks within quotes: TestExternal
//  10. OIDC sessions shorter than 900 s: TestShortOIDCSession
//  11. profiles filled from the environment: TestProfileTakesNothingFromTheEnvironment
//  12. providers not exported: no fault of the version in use

func TestSearchBeginsAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.imds.down = true
	s := w.source(Config{})
	if _, err := s.Get(t.Context()); err == nil {
		t.Fatal("credentials from nowhere")
	}
	w.advance(2 * time.Minute)
	w.vars["ALICLOUD_ACCESS_KEY"], w.vars["ALICLOUD_SECRET_KEY"] = "AKID", "hush"
	found, err := s.Get(t.Context())
	if err != nil || found.AccessKeyID() != "AKID" {
		t.Error(err)
	}
}

func TestShortOIDCSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.files[cliPath] = cliConfig("p", `{"name":"p","mode":"OIDC","oidc_provider_arn":"`+providerARN+`","oidc_token":"`+oidcToken+`","ram_role_arn":"`+roleARN+`","expired_seconds":899}`)
	_, err := w.get(Config{Profile: "p"})
	if err == nil || !strings.Contains(err.Error(), "900 to 43200 seconds") || w.sts.count() != 0 {
		t.Errorf("%v after %d requests", err, w.sts.count())
	}
}

func TestProfileTakesNothingFromTheEnvironment(t *testing.T) {
	const id, secret = "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"
	w := newWorld(t)
	for name, value := range map[string]string{id: "AKID-env", secret: "hush-env"} {
		w.vars[name] = value
		t.Setenv(name, value)
	}
	// The library fills the gap, and would pair keys of two sources.
	provider, err := providers.NewStaticAKCredentialsProviderBuilder().WithAccessKeyId("AKID").Build()
	if err != nil {
		t.Fatal(err)
	}
	if c, err := provider.GetCredentials(); err != nil || c.AccessKeySecret != "hush-env" {
		t.Errorf("the library does not fill the gap any more (%v)", err)
	}
	w.files[cliPath] = cliConfig("p", `{"name":"p","mode":"AK","access_key_id":"AKID","access_key_secret":""}`)
	if _, err := w.get(Config{Profile: "p"}); err == nil || !strings.Contains(err.Error(), "no access_key_secret") {
		t.Error(err)
	}
}
