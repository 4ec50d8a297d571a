package psp

import (
	"context"
	"errors"
	"strconv"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico"
)

// codeSessionType is what iyzico answers where a session takes another type of payment (docs/iyzico.md P4).
const codeSessionType = "260018"

// fund takes a payment from a customer's balance. Its requests share the call's deadline; only the last moves money, so
// whatever goes wrong before it is VerdictNotSent.
func (g *Gateway) fund(ctx context.Context, c payment.Call) payment.Answered {
	token, failure := g.permission(ctx, c)
	if failure != nil {
		return *failure
	}
	done, err := g.client.CreateFundPayment(ctx, fundRequest(c, token))
	if err != nil {
		return failed(c, err)
	}
	g.warn(ctx, c, done.Warnings)
	answer := payment.Answered{Call: c, Verdict: payment.VerdictSucceeded, Made: g.made(done)}
	answer.Proof = payment.Proof{AuthCode: done.AuthCode, HostReference: done.HostReference, SignatureVerified: done.SignatureVerified}
	if *done.FraudStatus == 0 {
		answer.Verdict = payment.VerdictInReview
	}
	return answer
}

// permission gets an access token for this one payment. A token that the caller brought is tried on a question first:
// iyzico documents no code for one that has expired, so at the payment itself it would leave the outcome unknown.
func (g *Gateway) permission(ctx context.Context, c payment.Call) (iyzico.Secret, *payment.Answered) {
	order := c.Command.Fund
	question := iyzico.SessionRequest{Session: session(order), ConversationID: c.ConversationID, Locale: c.Command.Locale}
	token := iyzico.Secret(order.AccessToken)
	if token == "" {
		granted, err := g.client.RetrieveAccessToken(ctx, question)
		if err != nil {
			return "", refusedBefore(c, "access-token", err)
		}
		token = granted.AccessToken
	}
	if order.AccessToken == "" && !order.VerifySession {
		return token, nil
	}
	last, err := g.client.RetrieveLastPayment(ctx, token, question)
	switch {
	case err != nil:
		return "", refusedBefore(c, "last-payment", err)
	case order.VerifySession && last.PaymentType != iyzico.PaymentTypeFund:
		return "", &payment.Answered{Call: c, Verdict: payment.VerdictNotSent, Failure: &payment.Failure{
			Reason: payment.ReasonSessionRefused, Code: codeSessionType,
			Message: "The session's last payment was not made from the balance.",
		}}
	}
	return token, nil
}

// refusedBefore maps a failure of a request that moves no money: nothing was sent, whatever the outcome of that request.
// step names it where iyzico gave no reason of its own.
func refusedBefore(c payment.Call, step string, err error) *payment.Answered {
	answer := failed(c, err)
	answer.Verdict = payment.VerdictNotSent
	f := answer.Failure
	switch {
	case f.Reason == iyzico.ReasonCredentials || f.Reason == iyzico.ReasonRateLimited:
	case sessionCode(err):
		f.Reason = payment.ReasonSessionRefused
	default:
		f.Reason, f.Message = step+"-"+f.Reason, "iyzico gave no permission for the payment, which was not sent"
	}
	return &answer
}

// sessionCode tells whether iyzico said no to the session itself: a well-formed failure that is neither a system error (1,
// 2), nor about credentials, nor the rate limit.
func sessionCode(err error) bool {
	var e *iyzico.Error
	if !errors.As(err, &e) || e.Code == "" || e.Reason == iyzico.ReasonCredentials || e.Reason == iyzico.ReasonRateLimited {
		return false
	}
	code, err := strconv.Atoi(e.Code)
	return err == nil && code > 2
}

func session(o *payment.FundOrder) iyzico.Session {
	return iyzico.Session{SessionToken: iyzico.Secret(o.SessionToken), MemberIdentifier: iyzico.Secret(o.MemberIdentifier)}
}

func fundRequest(c payment.Call, token iyzico.Secret) iyzico.FundPaymentRequest {
	o := c.Command.Fund
	request := iyzico.FundPaymentRequest{
		Session: session(o), AccessToken: token, ConversationID: c.ConversationID, Locale: c.Command.Locale,
		Price: o.PriceAmount.Decimal(), PaidPrice: o.PaidAmount.Decimal(), Currency: string(o.PaidAmount.Currency()),
		CallbackURL: o.CallbackURL, PaymentGroup: o.PaymentGroup, BasketID: o.BasketID,
		Buyer: iyzico.Buyer{
			ID: o.Buyer.ID, Name: o.Buyer.Name, Surname: o.Buyer.Surname, IdentityNumber: o.Buyer.IdentityNumber, Email: o.Buyer.Email,
			GSMNumber: o.Buyer.GSMNumber, RegistrationAddress: o.Buyer.RegistrationAddress, City: o.Buyer.City, Country: o.Buyer.Country,
			IP: o.Buyer.IP, ZipCode: o.Buyer.ZipCode,
		},
		BillingAddress: iyzico.Address(o.BillingAddress),
	}
	if o.ShippingAddress != nil {
		shipping := iyzico.Address(*o.ShippingAddress)
		request.ShippingAddress = &shipping
	}
	for _, item := range o.BasketItems {
		request.BasketItems = append(request.BasketItems, iyzico.BasketItem{
			ID: item.ID, Price: item.PriceAmount.Decimal(), Name: item.Name, Category1: item.Category1, Category2: item.Category2,
			ItemType: item.ItemType,
		})
	}
	return request
}

// made maps the payment that iyzico made. Its time is iyzico's clock, or ours where the answer leaves it out.
func (g *Gateway) made(done *iyzico.FundPayment) *payment.MadePayment {
	made := &payment.MadePayment{
		PaymentID: done.PaymentID, PaymentStatus: done.PaymentStatus, FraudStatus: done.FraudStatus, PaidAt: done.SystemTime,
	}
	if made.PaidAt.IsZero() {
		made.PaidAt = g.now().UTC()
	}
	made.Lines = detailLines(&done.Payment)
	return made
}
