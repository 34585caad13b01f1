package credentials

import (
	"strings"
	"testing"
	"time"
)

// Faults of Alibaba's library credentials-go, which this package does without, and the test that
// keeps each from users:
//
//  1. no end of credentials: TestProfileModes, TestRoleOnTop, TestInstanceRole, TestCloudSSO,
//     TestOAuth, TestExternal
//  2. cached credentials about to end: TestFetchedAgainWhenExpired
//  3. a chain that remembers its last provider: TestSearchStartsAgain
//  4. no locks: TestThousandCallersOneRequest and TestExternalRunsOnce, under the race detector
//  5. panics on answers with fields missing: TestFaultsOfServers, TestRoleRefused, TestCloudSSO,
//     TestOAuth
//  6. file content and bodies in errors: the mark of secrets in every test,
//     TestProfileFileThatIsNone
//  7. command and output printed: fromFile in TestCloudSSO, TestOAuth, TestExternal
//  8. config.json rewritten: fromFile in TestCloudSSO, TestOAuth, TestExternal
//  9. commands split at blanks within quotes: TestSplitCommand
//  10. OIDC sessions shorter than 900 s: TestShortOIDCSession
//  11. profiles filled from the environment: TestProfileTakesNothingFromTheEnvironment
//  12. redirects followed, plain HTTP and answers without limit: TestCloudSSO, TestOAuth
//  13. processes left behind, output without limit: TestCommandEndsWithItsCaller,
//      TestOutputHeldOpen

func TestSearchStartsAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.imds.down = true
	s := w.source(Config{})
	if _, err := s.Get(t.Context()); err == nil {
		t.Fatal("credentials from nowhere")
	}
	w.clock.Advance(2 * time.Minute)
	w.vars["ALICLOUD_ACCESS_KEY"], w.vars["ALICLOUD_SECRET_KEY"] = "AKID", "hush"
	found, err := s.Get(t.Context())
	if err != nil || found.AccessKeyID() != "AKID" {
		t.Error(err)
	}
}

func TestShortOIDCSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.files[cliPath] = cliConfig("p", `{"name":"p","mode":"OIDC","oidc_provider_arn":"`+providerARN+`","oidc_token":"`+
		oidcToken+`","ram_role_arn":"`+roleARN+`","expired_seconds":899}`)
	_, err := w.get(Config{Profile: "p"})
	if err == nil || !strings.Contains(err.Error(), "between 900 and 43200 seconds") || w.sts.count() != 0 {
		t.Errorf("%v after %d requests", err, w.sts.count())
	}
}

func TestProfileTakesNothingFromTheEnvironment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.vars["ALIBABA_CLOUD_ACCESS_KEY_ID"], w.vars["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] = "AKID-env", "hush-env"
	w.files[cliPath] = cliConfig("p", `{"name":"p","mode":"AK","access_key_id":"AKID","access_key_secret":""}`)
	if _, err := w.get(Config{Profile: "p"}); err == nil || !strings.Contains(err.Error(), "no access_key_secret") {
		t.Error(err)
	}
}
