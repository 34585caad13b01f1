package signer

import (
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestDerive compares a signature with one that `openssl dgst -sha256 -mac HMAC` made, step by step
// from the secret.
func TestDerive(t *testing.T) {
	sum := derive("yourAccessKeySecret", "20231203/cn-hangzhou/oss/aliyun_v4_request").sign([]byte("any string"))
	const want = "921febd48d0be7516349a4656c25efd4d1ea0336d3e0f39876ac71e407daafc0"
	if got := hex.EncodeToString(sum[:]); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSigningKeyIsDerivedOnce(t *testing.T) {
	c := testCredentials()
	const monday = "20260316/cn-hangzhou/oss/aliyun_v4_request"
	key := c.signingKey(monday)
	if again := c.signingKey(monday); again != key {
		t.Error("the second use of a scope derived its key again")
	}
	if copied := c; copied.signingKey(monday) != key {
		t.Error("a copy of the credentials derived the key again")
	}
	others := []string{
		"20260317/cn-hangzhou/oss/aliyun_v4_request", "20260316/cn-beijing/oss/aliyun_v4_request",
		"20260316/cn-hangzhou/oss-cloudbox/aliyun_v4_request",
	}
	toSign := []byte("any string")
	for _, other := range others {
		if k := c.signingKey(other); k == key || k.sign(toSign) == key.sign(toSign) {
			t.Errorf("scopes %s and %s have the same key", other, monday)
		}
	}
	if c.signingKey(monday) != key {
		t.Error("other scopes pushed a key out, although there is room")
	}
	if NewCredentials(testID, testSecret+"x", "").signingKey(monday).sign(toSign) == key.sign(toSign) {
		t.Error("two secrets have the same key")
	}
}

func TestSigningKeysAreBounded(t *testing.T) {
	c := testCredentials()
	for i := range 5 * maxSigningKeys {
		s := fmt.Sprintf("20260316/region-%d/oss/aliyun_v4_request", i)
		key := c.signingKey(s)
		kept := *c.reveal().keys.Load()
		if len(kept) != min(i+1, maxSigningKeys) {
			t.Fatalf("after %d scopes %d keys are kept, want at most %d", i+1, len(kept), maxSigningKeys)
		}
		if kept[0] != key || key.scope != s {
			t.Fatalf("the newest key, of %s, is not kept", s)
		}
	}
	if kept := *c.reveal().keys.Load(); !strings.Contains(kept[maxSigningKeys-1].scope, "/region-32/") {
		t.Errorf("the oldest key kept is of %s, want region-32", kept[maxSigningKeys-1].scope)
	}
}

// TestMidnight signs around midnight in UTC, back and forth, and compares with credentials that
// have derived nothing yet.
func TestMidnight(t *testing.T) {
	c := testCredentials()
	midnight := time.Date(2026, 3, 15, 0, 0, 0, 0, time.UTC)
	for _, offset := range []time.Duration{-1, 0, -time.Second, time.Second, -24 * time.Hour, 24 * time.Hour, -1} {
		got, _ := mustPresign(t, plainGET(), c, midnight.Add(offset))
		want, _ := mustPresign(t, plainGET(), testCredentials(), midnight.Add(offset))
		if got != want {
			t.Errorf("%v from midnight:\n got %s\nwant %s", offset, got, want)
		}
	}
}

// TestConcurrentSigning signs by 8 goroutines with the same credentials for more scopes than are
// kept. The race detector watches, and every URL must be the one that is signed alone.
func TestConcurrentSigning(t *testing.T) {
	type signing struct {
		r  Request
		at time.Time
	}
	want := map[string]signing{}
	for i := range 2 * maxSigningKeys {
		r := changed(func(r *Request) {
			r.Region = fmt.Sprintf("region-%d", i/2)
			r.Query = map[string]string{"versionId": fmt.Sprint(i), "~": "", "a b": "c d"}
		})
		at := instant.Add(time.Duration(i%2) * 24 * time.Hour)
		u, _ := mustPresign(t, r, testCredentials(), at)
		want[u] = signing{r, at}
	}
	c := testCredentials()
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 50 {
				for u, s := range want {
					if got, _, err := Presign(s.r, c, s.at); err != nil || got != u {
						t.Errorf("got %q, %v\nwant %q", got, err, u)
						return
					}
				}
			}
		})
	}
	wait.Wait()
	if n := len(*c.reveal().keys.Load()); n > maxSigningKeys {
		t.Errorf("%d keys are kept, want at most %d", n, maxSigningKeys)
	}
}
