package ingress

import (
	"context"
	"net/http"

	"github.com/iade/iade/internal/payment"
)

// Notices reads what iyzico tells unasked.
type Notices interface {
	// Read gives the notice that a body holds, if iyzico signed it for this merchant; ok is false for everything else. An
	// error says that it cannot be told now. Neither shows anything of the body.
	Read(ctx context.Context, body []byte, signature string) (n payment.Notice, ok bool, err error)
}

// signatureHeader holds the signature of a notice.
const signatureHeader = "X-Iyz-Signature-V3"

// iyzicoWebhook takes a notice of iyzico's as a hint to read the payment soon. Whatever comes, and whatever becomes of it, is
// answered with one and the same 204: nobody learns what verified, what is known here, or what is waited for.
func (a *API) iyzicoWebhook(ctx context.Context, req Request, _ string) Response {
	a.guard(ctx, req, "iyzicoWebhook", func() Response {
		a.takeNotice(ctx, req)
		return Response{}
	})
	return Response{http.StatusNoContent, http.Header{"Cache-Control": {"no-store"}}, nil}
}

func (a *API) takeNotice(ctx context.Context, req Request) {
	if a.Notices == nil {
		return
	}
	signature := ""
	if values := req.Header.Values(signatureHeader); len(values) == 1 {
		signature = values[0]
	}
	notice, ok, err := a.Notices.Read(ctx, req.Body, signature)
	if err != nil {
		a.logger().ErrorContext(ctx, "a notice of iyzico's could not be verified", "requestId", req.ID, "error", err.Error())
		return
	}
	if !ok {
		return
	}
	taken, err := a.Service.Hint(ctx, notice)
	if err != nil {
		a.logger().ErrorContext(ctx, "a notice of iyzico's could not be taken", "requestId", req.ID, "error", payment.WithCause(err).Error())
		return
	}
	if taken {
		a.logger().InfoContext(ctx, "a notice of iyzico's has a payment read soon", "requestId", req.ID, "paymentId", notice.PaymentID)
	}
}
