package signer

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"strings"
	"sync"
)

// maxSigningKeys bounds the derived keys that credentials keep: one for each region and product in
// use, twice around midnight.
const maxSigningKeys = 8

// signingKey is a derived key (§1, kSign), ready to sign by several goroutines.
type signingKey struct {
	scope string
	macs  sync.Pool
}

// signingKey returns the key for a scope, derived at its first use.
func (c Credentials) signingKey(scope string) *signingKey {
	secret := c.reveal()
	kept := secret.keys.Load()
	for _, k := range *kept {
		if k.scope == scope {
			return k
		}
	}
	k := derive(secret.accessKeySecret, scope)
	keys := append([]*signingKey{k}, (*kept)[:min(len(*kept), maxSigningKeys-1)]...)
	// If another goroutine was faster, its list stays, and this key serves once.
	secret.keys.CompareAndSwap(kept, &keys)
	return k
}

// derive walks from the secret through the parts of the scope (§1).
func derive(accessKeySecret, scope string) *signingKey {
	key := []byte("aliyun_v4" + accessKeySecret)
	for part := range strings.SplitSeq(scope, "/") {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	return &signingKey{scope: scope, macs: sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}}
}

func (k *signingKey) sign(toSign []byte) (sum [sha256.Size]byte) {
	mac := k.macs.Get().(hash.Hash)
	mac.Reset()
	mac.Write(toSign)
	copy(sum[:], mac.Sum(toSign[len(toSign):])) // into the room behind the string, if there is any
	k.macs.Put(mac)
	return sum
}
