package iyzico

import (
	"context"
	"errors"
	"iter"
)

// WithAnswerKeys gives further secret keys that answers may be signed with, for the time in which a merchant's keys are
// rotated: an answer may arrive after the keys of its request were replaced. Requests are signed with Config's key only.
//
// keys is asked only for an answer whose signature does not fit Config's key, before the context of its call ends, and
// only for as many as are needed; it may read a secret store for the last of them. An empty key fits nothing. It must be
// safe for concurrent use.
func WithAnswerKeys(keys func(context.Context) iter.Seq[Secret]) Option {
	return func(o *options) error {
		if keys == nil {
			return errors.New("WithAnswerKeys: nil")
		}
		o.answerKeys = keys
		return nil
	}
}

// signedOrder tells which of the orders of values an answer's signature fits, with any of the keys; -1 if none.
func (c *Client) signedOrder(ctx context.Context, signature string, orders ...[]string) int {
	if signature == "" {
		return -1
	}
	fits := func(key Secret) int {
		for i, values := range orders {
			if key != "" && SignaturesEqual(signature, ResponseSignature(key, values...)) {
				return i
			}
		}
		return -1
	}
	if i := fits(c.secretKey()); i >= 0 || c.opts.answerKeys == nil {
		return i
	}
	for key := range c.opts.answerKeys(ctx) {
		if i := fits(key); i >= 0 {
			return i
		}
	}
	return -1
}
