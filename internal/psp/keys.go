package psp

import (
	"errors"

	"github.com/iade/iade/internal/secret"
)

// ErrKeysUnreadable is in the error of a read that was not made because iyzico's keys were not to be had.
var ErrKeysUnreadable = errors.New("iyzico's keys are not to be had")

// Pair is one pair of iyzico's keys. It never prints.
type Pair struct {
	APIKey    secret.Text `json:"apiKey"`
	SecretKey secret.Text `json:"secretKey"`
}

// Complete tells whether both keys are set.
func (p Pair) Complete() bool { return p.APIKey.IsSet() && p.SecretKey.IsSet() }

// Keys are iyzico's keys as their secret holds them: the pair that requests are signed with, and for the time of a rotation
// the one before it. They never print.
type Keys struct {
	Pair
	Previous Pair `json:"previous"` // empty = none
}
