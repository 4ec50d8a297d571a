package iyzicotest

import (
	"crypto/subtle"
	"sync"
)

// KeyPair is one pair of a merchant's keys.
type KeyPair struct {
	APIKey, SecretKey string
}

// SetKeys replaces the merchant's keys, as rotating them in iyzico's panel does: from now on requests may be signed with
// any of these pairs, and answers are signed with the first, those under way included. How iyzico itself signs while two
// pairs are valid is not documented. Without a pair every request is refused.
func (s *Server) SetKeys(pairs ...KeyPair) {
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	s.keys.pairs = append([]KeyPair(nil), pairs...)
}

// keyring holds the pairs that are valid now.
type keyring struct {
	mu    sync.Mutex
	pairs []KeyPair
}

// current is the pair that signs answers, empty if there is none.
func (k *keyring) current() KeyPair {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.pairs) == 0 {
		return KeyPair{}
	}
	return k.pairs[0]
}

// secretOf is the secret key that belongs to an API key.
func (k *keyring) secretOf(apiKey string) (secretKey string, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, pair := range k.pairs {
		if subtle.ConstantTimeCompare([]byte(apiKey), []byte(pair.APIKey)) == 1 {
			return pair.SecretKey, true
		}
	}
	return "", false
}
