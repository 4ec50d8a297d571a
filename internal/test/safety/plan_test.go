package safety

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// Load is how a mode's callers come: Concurrency refunds at once, each asked for by Duplicates callers with the same key.
type Load struct {
	Concurrency int
	Duplicates  int
}

// refund is one refund that somebody wants once. No two of a payment have the same amount, so the fake's book tells them
// apart without believing any service's ids.
type refund struct {
	name      string
	paymentID string
	lineID    string
	amount    decimal.Decimal
}

func (r refund) body() string {
	return fmt.Sprintf(`{"paymentId":%q,"paymentTransactionId":%q,"amount":%q}`, r.paymentID, r.lineID, r.amount.StringFixed(2))
}

// onOneLine is how many partial refunds share a payment. Their line holds enough for each of them several times over.
const onOneLine = 3

// plan puts the payments into a book and gives the refunds, in batches of load.Concurrency. Of four refunds one takes a
// whole payment; iyzico itself refuses those a second time. The same seed, mode and load give the same plan.
func plan(book *iyzicotest.Ledger, seed uint64, mode Mode, load Load, refunds int) ([][]refund, error) {
	hash := fnv.New64a()
	_, _ = fmt.Fprintf(hash, "%s/%d/%d", mode.Name, load.Concurrency, load.Duplicates)
	choice := rand.New(rand.NewPCG(seed, hash.Sum64()))
	var all []refund
	var shared iyzicotest.Payment
	var err error
	for i := range refunds {
		name := fmt.Sprintf("refund-%d", i)
		amount := decimal.New(int64(1000+1000*(i%onOneLine)+choice.IntN(1000)), -2)
		if i%4 == 3 {
			whole, err := addPayment(book, amount)
			if err != nil {
				return nil, err
			}
			all = append(all, refund{name, whole.ID, whole.Lines[0].PaymentTransactionID, amount})
			continue
		}
		if len(all)%4 == 0 {
			if shared, err = addPayment(book, decimal.New(1000, 0)); err != nil {
				return nil, err
			}
		}
		all = append(all, refund{name, shared.ID, shared.Lines[0].PaymentTransactionID, amount})
	}
	var batches [][]refund
	for len(all) > 0 {
		n := min(load.Concurrency, len(all))
		batches, all = append(batches, all[:n]), all[n:]
	}
	return batches, nil
}

func addPayment(book *iyzicotest.Ledger, paid decimal.Decimal) (iyzicotest.Payment, error) {
	return book.AddPayment(iyzicotest.PaymentSpec{Lines: []iyzicotest.LineSpec{{PaidPrice: paid}}})
}
