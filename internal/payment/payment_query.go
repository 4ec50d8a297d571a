package payment

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// Payment shows a payment, with the page of operations after the skip newest. A payment that iade does not know is read
// from iyzico and not stored; a known one is not read again. CodeNotFound: iyzico does not know it either; CodeRateLimited,
// CodeUnavailable: it, or the store, cannot be read.
func (s *Service) Payment(ctx context.Context, paymentID string, skip int, until time.Time) (PaymentView, error) {
	account, err := s.load(ctx, PaymentAccount(paymentID))
	if err != nil {
		return PaymentView{}, err
	}
	if account.Version > 0 {
		return s.view(account, skip), nil
	}
	return s.lookUp(ctx, account, skip, until)
}

// RefreshPayment is Payment with iyzico's report read now. What the report shows of a known payment is taken over as reconcile
// would take it over. CodeUnavailable: iyzico cannot be read, or does not list the known payment yet.
func (s *Service) RefreshPayment(ctx context.Context, paymentID string, skip int, until time.Time) (PaymentView, error) {
	account, err := s.load(ctx, PaymentAccount(paymentID))
	if err != nil {
		return PaymentView{}, err
	}
	return s.lookUp(ctx, account, skip, until)
}

// PaymentByConversation is RefreshPayment of the payment that the shop made under a conversation id of its own. CodeNotFound:
// iyzico knows none; CodeAmbiguous: more than one, whose ids the error names.
func (s *Service) PaymentByConversation(ctx context.Context, conversationID string, skip int, until time.Time) (PaymentView, error) {
	report, err := s.gateway.Read(ctx, Query{PaymentConversationID: conversationID, Purpose: PurposeInteractive, Deadline: until})
	if err != nil {
		return PaymentView{}, fmt.Errorf("look for the payment of a conversation id: %w", err)
	}
	if len(report.PaymentIDs) > 1 {
		return PaymentView{}, &Error{
			Code: CodeAmbiguous, PaymentIDs: report.PaymentIDs,
			Message: fmt.Sprintf("%d payments were made under this conversationId: ask for one of paymentIds", len(report.PaymentIDs)),
		}
	}
	if said := report.ConversationID; !ValidIyzicoID(report.PaymentID) || said != "" && said != conversationID {
		return PaymentView{}, &Error{Code: CodeUnavailable, Message: "iyzico shows another payment than the one asked for: ask again later", RetryAfter: time.Minute}
	}
	account, err := s.load(ctx, PaymentAccount(report.PaymentID))
	if err != nil {
		return PaymentView{}, err
	}
	return s.takeOver(ctx, account, report, skip)
}

// lookUp reads iyzico about a payment and shows it.
func (s *Service) lookUp(ctx context.Context, account Account, skip int, until time.Time) (PaymentView, error) {
	paymentID := account.ID.PaymentID()
	report, err := s.gateway.Read(ctx, Query{PaymentID: paymentID, Purpose: PurposeInteractive, Deadline: until})
	if err != nil && account.Version > 0 {
		err = unreadable(err)
	}
	if err != nil {
		return PaymentView{}, fmt.Errorf("read payment %s: %w", paymentID, err)
	}
	return s.takeOver(ctx, account, report, skip)
}

// takeOver shows a payment as a report that was just read shows it. Of a known payment it is stored first, like any other
// report; one that is not known is not stored.
func (s *Service) takeOver(ctx context.Context, account Account, report Report, skip int) (PaymentView, error) {
	if !report.fits(&account) || account.Version > 0 && !report.Listed {
		return PaymentView{}, &Error{
			Code: CodeUnavailable, RetryAfter: time.Minute,
			Message: "iyzico's report does not show this payment now: ask again later, or without refresh for what iade knows",
		}
	}
	if account.Version > 0 {
		if _, err := s.Apply(ctx, account.ID, Observed{Report: report}); err != nil {
			return PaymentView{}, fmt.Errorf("take over a report: %w", err)
		}
		var err error
		if account, err = s.load(ctx, account.ID); err != nil {
			return PaymentView{}, err
		}
		account = account.clone()
	}
	// A report that changes nothing that is stored is shown all the same: it is what the answer rests on.
	account.absorb(report.inOneCurrency())
	account.assume(s.rules.ClockTolerance)
	view := s.view(account, skip)
	if report.ReadAt.After(account.ReportReadAt) {
		view.ReadAt = shownTime(report.ReadAt)
	}
	return view, nil
}

func (s *Service) view(account Account, skip int) PaymentView {
	view := account.View(skip, s.clock.Now())
	if skip+OperationsPerPage < len(account.Operations)+len(account.Past) {
		view.NextCursor = strconv.Itoa(skip + OperationsPerPage)
	}
	return view
}
