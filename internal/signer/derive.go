package signer

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"sync"
)

// maxSigningKeys bounds the derived keys that credentials keep: one for each region and product in
// use, twice around midnight.
const maxSigningKeys = 8

// scope is what a signing key is derived for. The day is that of the signing instant in UTC,
// yyyyMMdd.
type scope struct{ day, region, product string }

// signingKey is a derived key (§1, kSign), ready to sign by several goroutines.
type signingKey struct {
	scope scope
	macs  sync.Pool
}

// signingKey returns the key for a scope, derived at its first use.
func (c Credentials) signingKey(s scope) *signingKey {
	secret := c.reveal()
	old := secret.keys.Load()
	if old != nil {
		for _, k := range *old {
			if k.scope == s {
				return k
			}
		}
	}
	k := derive(secret.accessKeySecret, s)
	keys := []*signingKey{k}
	if old != nil {
		keys = append(keys, (*old)[:min(len(*old), maxSigningKeys-1)]...)
	}
	// If another goroutine was faster, its list stays, and this key serves once.
	secret.keys.CompareAndSwap(old, &keys)
	return k
}

// derive walks from the secret to the signing key (§1).
func derive(accessKeySecret string, s scope) *signingKey {
	key := []byte("aliyun_v4" + accessKeySecret)
	for _, part := range [...]string{s.day, s.region, s.product, terminator} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	return &signingKey{scope: s, macs: sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}}
}

// sign returns the HMAC-SHA256 of a string to sign.
func (k *signingKey) sign(toSign []byte) (sum [sha256.Size]byte) {
	mac := k.macs.Get().(hash.Hash)
	mac.Reset()
	mac.Write(toSign)
	copy(sum[:], mac.Sum(toSign[len(toSign):])) // into the room behind the string, if there is any
	k.macs.Put(mac)
	return sum
}
