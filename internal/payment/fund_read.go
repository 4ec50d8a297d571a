package payment

import "context"

// forgottenAttempts is how many attempts of a fund payment iyzico is asked for where the table may have forgotten them: the
// numbers go on only after an attempt that was proved not sent.
const forgottenAttempts = 3

// query asks for what an account is about: its payment, or the payment that its fund payment may have made. By iyzico's
// own id where that is known, for only that certainly exists (docs/iyzico.md §5.5).
func (a *Account) query() Query {
	if !a.ID.isFund() || len(a.Operations) == 0 {
		return Query{PaymentID: a.ID.PaymentID()}
	}
	op := &a.Operations[0]
	if id := op.Fund.Made.PaymentID; id != "" {
		return Query{PaymentID: id}
	}
	return Query{PaymentConversationID: ConversationID(op.ID, op.Legs[0].Attempt)}
}

// read asks iyzico once. For a fund payment "not found" is an answer, and not a failure: whether the payment exists is the
// question. Its report is then empty.
func (s *Service) read(ctx context.Context, id AccountID, q Query) (Report, error) {
	began := s.clock.Now()
	report, err := s.gateway.Read(ctx, q)
	if id.isFund() && CodeOf(err) == CodeNotFound {
		return Report{ReadAt: began}, nil
	}
	return report, err
}

// forgotten asks iyzico for the attempts of a fund payment that a restored table may have forgotten, and gives the report
// of the first that is listed, an empty one if none is.
func (s *Service) forgotten(account Account, c Command) func(context.Context, AccountID, Query) (Report, error) {
	first := 1
	if op := account.operationByKey(c.Key); op != nil {
		first = op.Attempts + 1
	}
	return func(ctx context.Context, id AccountID, q Query) (report Report, err error) {
		for attempt := first; attempt < first+forgottenAttempts; attempt++ {
			q.PaymentID, q.PaymentConversationID = "", ConversationID(c.OperationID(), attempt)
			if report, err = s.read(ctx, id, q); err != nil || report.PaymentID != "" {
				return report, err
			}
		}
		return report, nil
	}
}
