package psp

import (
	"context"
	"fmt"
	"iter"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico"
)

// pagedGateway is a way to iyzico that also reads a day's list page by page.
type pagedGateway interface {
	payment.Gateway
	DayPages
}

// keyed is what calls iyzico with the pairs of one reading of the secret.
type keyed struct {
	keys     Keys
	current  pagedGateway
	previous pagedGateway // for reading only; nil = the secret has no previous pair
}

// gateways makes what calls iyzico with these keys. It connects to nothing.
func (r *Rotating) gateways(keys Keys) (*keyed, error) {
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

func (r *Rotating) gateway(pair Pair, opts ...iyzico.Option) (pagedGateway, error) {
	client, err := iyzico.New(
		iyzico.Config{BaseURL: r.iyzico.BaseURL, APIKey: iyzico.Secret(pair.APIKey.Reveal()), SecretKey: iyzico.Secret(pair.SecretKey.Reveal())},
		append(opts, iyzico.WithBalanceRefundPath(r.iyzico.RefundToBalancePath))...,
	)
	if err != nil {
		return nil, fmt.Errorf("make the iyzico client: %w", err)
	}
	gateway := New(client, r.iyzico.Log, r.iyzico.Now)
	if r.iyzico.Pages != nil {
		gateway = gateway.WithPages(r.iyzico.Pages)
	}
	return gateway, nil
}

// answerKeys gives the other keys that an answer to a request of these keys may be signed with: the previous pair's, and
// what the secret holds by now, for the keys may be rotated while the request is under way. The secret is asked for as
// seldom as after a refusal.
func (r *Rotating) answerKeys(keys Keys) func(context.Context) iter.Seq[iyzico.Secret] {
	return func(ctx context.Context) iter.Seq[iyzico.Secret] {
		return func(yield func(iyzico.Secret) bool) {
			if keys.Previous.Complete() && !yield(iyzico.Secret(keys.Previous.SecretKey.Reveal())) {
				return
			}
			newest := r.newest(ctx)
			if newest != keys && yield(iyzico.Secret(newest.SecretKey.Reveal())) && newest.Previous.Complete() {
				yield(iyzico.Secret(newest.Previous.SecretKey.Reveal()))
			}
		}
	}
}

// newest is what the secret holds now, or held at its last reading, if that is not a keyPause ago.
func (r *Rotating) newest(ctx context.Context) Keys {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.iyzico.Now().Sub(r.rereadAt) < keyPause {
		return r.held.keys
	}
	held, err := r.read(ctx, r.iyzico.Now().Add(keyTime))
	if err != nil {
		return Keys{}
	}
	return held.keys
}
