package iyzico

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

// unreachable fails the test if a request gets that far.
func unreachable(t *testing.T) *Client {
	t.Helper()
	return testClient(t, SandboxURL, WithTransport(roundTripFunc(func(req *http.Request) (*http.Response, error) {
		t.Errorf("sent %s", req.URL.Path)
		return response(500, ""), nil
	})))
}

func TestInvalidRequestsAreNotSent(t *testing.T) {
	t.Parallel()
	refund := func(change func(*RefundRequest)) func(context.Context, *Client) error {
		return func(ctx context.Context, c *Client) error {
			req := testRefundRequest()
			change(&req)
			_, err := c.Refund(ctx, req)
			return err
		}
	}
	fund := func(change func(*FundPaymentRequest)) func(context.Context, *Client) error {
		return func(ctx context.Context, c *Client) error {
			req := testFundRequest()
			shipping := *req.ShippingAddress
			req.ShippingAddress = &shipping
			change(&req)
			_, err := c.CreateFundPayment(ctx, req)
			return err
		}
	}
	for _, tc := range []struct {
		name, field string
		call        func(context.Context, *Client) error
	}{
		{"no line", "paymentTransactionId", refund(func(r *RefundRequest) { r.PaymentTransactionID = "" })},
		{"a line of 20 digits", "paymentTransactionId", refund(func(r *RefundRequest) { r.PaymentTransactionID = strings.Repeat("1", 20) })},
		{"a line with a letter", "paymentTransactionId", refund(func(r *RefundRequest) { r.PaymentTransactionID = "1a" })},
		{"a line of Arabic digits", "paymentTransactionId", refund(func(r *RefundRequest) { r.PaymentTransactionID = "١" })},
		{"no conversation", "conversationId", refund(func(r *RefundRequest) { r.ConversationID = "" })},
		{"a long conversation", "conversationId", refund(func(r *RefundRequest) { r.ConversationID = strings.Repeat("x", 65) })},
		{"a conversation with a blank", "conversationId", refund(func(r *RefundRequest) { r.ConversationID = "a b" })},
		{"a conversation beyond ASCII", "conversationId", refund(func(r *RefundRequest) { r.ConversationID = "ığ" })},
		{"nothing", "price", refund(func(r *RefundRequest) { r.Price = decimal.Zero })},
		{"less than nothing", "price", refund(func(r *RefundRequest) { r.Price = amount("-0.01") })},
		{"nine decimals", "price", refund(func(r *RefundRequest) { r.Price = amount("0.000000001") })},
		{"nineteen digits", "price", refund(func(r *RefundRequest) { r.Price = amount("1234567890123456789") })},
		{"a huge exponent", "price", refund(func(r *RefundRequest) { r.Price = decimal.New(1, 1_000_000_000) })},
		{"a strange currency", "currency", refund(func(r *RefundRequest) { r.Currency = "try" })},
		{"a strange locale", "locale", refund(func(r *RefundRequest) { r.Locale = "de" })},
		{"a strange ip", "ip", refund(func(r *RefundRequest) { r.IP = "localhost" })},
		{"an ip with a zone", "ip", refund(func(r *RefundRequest) { r.IP = "fe80::1%eth0" })},
		{"a strange reason", "reason", refund(func(r *RefundRequest) { r.Reason = "other" })},
		{"a description without reason", "description", refund(func(r *RefundRequest) { r.Description = "x" })},
		{"a long description", "description", refund(func(r *RefundRequest) { r.Reason, r.Description = RefundReasonOther, strings.Repeat("ğ", 501) })},
		{"a description with a line break", "description", refund(func(r *RefundRequest) { r.Reason, r.Description = RefundReasonOther, "a\nb" })},
		{"a description that is no UTF-8", "description", refund(func(r *RefundRequest) { r.Reason, r.Description = RefundReasonOther, "a\xff" })},
		{"a strange expected payment", "expectedPaymentId", refund(func(r *RefundRequest) { r.ExpectedPaymentID = "x" })},

		{"v2 without payment", "paymentId", func(ctx context.Context, c *Client) error {
			_, err := c.RefundPayment(ctx, RefundPaymentRequest{Price: amount("1"), ConversationID: "c"})
			return err
		}},
		{"v2 of nothing", "price", func(ctx context.Context, c *Client) error {
			_, err := c.RefundPayment(ctx, RefundPaymentRequest{PaymentID: "1", ConversationID: "c"})
			return err
		}},
		{"cancel without payment", "paymentId", func(ctx context.Context, c *Client) error {
			_, err := c.Cancel(ctx, CancelRequest{ConversationID: "c"})
			return err
		}},
		{"cancel with a strange currency", "expectedCurrency", func(ctx context.Context, c *Client) error {
			_, err := c.Cancel(ctx, CancelRequest{PaymentID: "1", ConversationID: "c", ExpectedCurrency: "lira"})
			return err
		}},
		{"balance over http", "callbackUrl", func(ctx context.Context, c *Client) error {
			_, err := c.InitBalanceRefund(ctx, BalanceRefundRequest{PaymentID: "1", ConversationID: "c", CallbackURL: "http://merchant.example/"})
			return err
		}},
		{"balance without callback", "callbackUrl", func(ctx context.Context, c *Client) error {
			_, err := c.InitBalanceRefund(ctx, BalanceRefundRequest{PaymentID: "1", ConversationID: "c"})
			return err
		}},
		{"detail of nothing", "paymentId", func(ctx context.Context, c *Client) error {
			_, err := c.RetrievePayment(ctx, RetrievePaymentRequest{})
			return err
		}},
		{"report of two", "paymentId", func(ctx context.Context, c *Client) error {
			_, err := c.RetrieveReport(ctx, RetrieveReportRequest{PaymentID: "1", PaymentConversationID: "c"})
			return err
		}},
		{"a day in another form", "transactionDate", func(ctx context.Context, c *Client) error {
			_, err := c.ListTransactions(ctx, ListTransactionsRequest{Date: "01.03.2026"})
			return err
		}},
		{"a charge to the merchant without a line", "paymentTransactionId", func(ctx context.Context, c *Client) error {
			_, err := c.RefundChargedToMerchant(ctx, RefundRequest{Price: amount("1"), ConversationID: "conv-1"})
			return err
		}},

		{"fund without session", "sessionToken", fund(func(r *FundPaymentRequest) { r.SessionToken = "" })},
		{"fund without member", "memberIdentifier", fund(func(r *FundPaymentRequest) { r.MemberIdentifier = "" })},
		{"fund without access", "accessToken", fund(func(r *FundPaymentRequest) { r.AccessToken = "" })},
		{"fund with a header in the access token", "accessToken", fund(func(r *FundPaymentRequest) { r.AccessToken = "a\r\nX: y" })},
		{"fund without conversation", "conversationId", fund(func(r *FundPaymentRequest) { r.ConversationID = "" })},
		{"fund in roubles", "currency", fund(func(r *FundPaymentRequest) { r.Currency = "RUB" })},
		{"fund without currency", "currency", fund(func(r *FundPaymentRequest) { r.Currency = "" })},
		{"fund of a strange group", "paymentGroup", fund(func(r *FundPaymentRequest) { r.PaymentGroup = "X" })},
		{"fund of nothing", "paidPrice", fund(func(r *FundPaymentRequest) { r.PaidPrice = decimal.Zero })},
		{"fund without items", "basketItems", fund(func(r *FundPaymentRequest) { r.BasketItems = nil })},
		{"fund whose items are less", "price", fund(func(r *FundPaymentRequest) { r.Price = amount("1.01") })},
		{"fund with an item of nothing", "basketItems[0].price", fund(func(r *FundPaymentRequest) {
			r.BasketItems = []BasketItem{{ID: "1", Name: "n", Category1: "c", ItemType: ItemVirtual}}
		})},
		{"fund with a strange item", "basketItems[0].itemType", fund(func(r *FundPaymentRequest) {
			r.BasketItems = []BasketItem{{ID: "1", Price: amount("1"), Name: "n", Category1: "c"}}
		})},
		{"fund without buyer's name", "buyer.name", fund(func(r *FundPaymentRequest) { r.Buyer.Name = " " })},
		{"fund with a strange buyer's ip", "buyer.ip", fund(func(r *FundPaymentRequest) { r.Buyer.IP = "buyer Ip" })},
		{"fund without billing", "billingAddress.address", fund(func(r *FundPaymentRequest) { r.BillingAddress = Address{} })},
		{"fund of goods without shipping", "shippingAddress", fund(func(r *FundPaymentRequest) { r.ShippingAddress = nil })},
		{"fund without shipping's zip", "shippingAddress.zipCode", fund(func(r *FundPaymentRequest) { r.ShippingAddress.ZipCode = "" })},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			err := tc.call(testContext(t), unreachable(t))
			if e := wantError(t, err, NotSent, ReasonInvalid); e.Field != tc.field || !strings.Contains(e.Error(), tc.field) {
				t.Errorf("got field %s, want %s; %v", e.Field, tc.field, e)
			}
		})
	}
}

func TestVirtualGoodsNeedNoShipping(t *testing.T) {
	t.Parallel()
	req := testFundRequest()
	req.ShippingAddress = nil
	req.BasketItems = []BasketItem{{ID: "BI101", Price: amount("1"), Name: "E-book", Category1: "Books", ItemType: ItemVirtual}}
	if _, err := answeringClient(t, 200, fundAnswer).CreateFundPayment(testContext(t), req); err != nil {
		t.Error(err)
	}
}
