package app

import (
	"context"
	"fmt"
	"iter"

	"github.com/iade/iade/internal/clock"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/psp"
	"github.com/iade/iade/pkg/iyzico"
)

// gateway is a way to iyzico that also reads a day's list page by page.
type gateway interface {
	payment.Gateway
	psp.DayPages
}

// keyed is what calls iyzico with the pairs of one reading of the secret.
type keyed struct {
	keys     Keys
	current  gateway
	previous gateway // for reading only; nil = the secret has no previous pair
}

// gateways makes what calls iyzico with these keys. It connects to nothing.
func (r *rotating) gateways(keys Keys) (*keyed, error) {
	made := &keyed{keys: keys}
	current, err := r.gateway(keys.Pair, iyzico.WithAnswerKeys(r.answerKeys(keys)))
	if err != nil {
		return nil, err
	}
	made.current = current
	if keys.Previous != (Pair{}) {
		if made.previous, err = r.gateway(keys.Previous); err != nil {
			return nil, fmt.Errorf("the previous keys: %w", err)
		}
	}
	return made, nil
}

func (r *rotating) gateway(pair Pair, opts ...iyzico.Option) (gateway, error) {
	client, err := iyzico.New(
		iyzico.Config{BaseURL: r.settings.IyzicoBaseURL, APIKey: iyzico.Secret(pair.APIKey), SecretKey: iyzico.Secret(pair.SecretKey)},
		append(opts, iyzico.WithBalanceRefundPath(r.settings.RefundToBalancePath))...,
	)
	if err != nil {
		return nil, fmt.Errorf("make the iyzico client: %w", err)
	}
	gateway := psp.New(client, r.log, clock.Wall{}.Now)
	if r.pages != nil {
		gateway = gateway.WithPages(r.pages)
	}
	return gateway, nil
}

// answerKeys gives the other keys that an answer to a request of these keys may be signed with: the previous pair's, and
// what the secret holds by now, for the keys may be rotated while the request is under way. The secret is asked for as
// seldom as after a refusal.
func (r *rotating) answerKeys(keys Keys) func(context.Context) iter.Seq[iyzico.Secret] {
	return func(ctx context.Context) iter.Seq[iyzico.Secret] {
		return func(yield func(iyzico.Secret) bool) {
			if keys.Previous.complete() && !yield(iyzico.Secret(keys.Previous.SecretKey)) {
				return
			}
			newest := r.newest(ctx)
			if newest != keys && yield(iyzico.Secret(newest.SecretKey)) && newest.Previous.complete() {
				yield(iyzico.Secret(newest.Previous.SecretKey))
			}
		}
	}
}

// newest is what the secret holds now, or held at its last reading, if that is not a keyPause ago.
func (r *rotating) newest(ctx context.Context) Keys {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now().Sub(r.rereadAt) < keyPause {
		return r.held.keys
	}
	held, err := r.read(ctx, r.now().Add(keyTime))
	if err != nil {
		return Keys{}
	}
	return held.keys
}
