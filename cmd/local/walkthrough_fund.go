package main

import "net/http"

// walkthroughOrder is a payment of 50.00 for two things from the balance of the fake's seeded session, whose tokens are
// fixed. It goes on in the walk-through as payment 10000010, the first after the seeded ones.
const walkthroughOrder = `{"sessionToken":"7dbd06d023712b32c0964dcc971212a1","memberIdentifier":"992cab6b8d035d5edb2f5d3d5a6806ce",` +
	`"conversationId":"order-4711","price":"50.00","paidPrice":"50.00","currency":"TRY","callbackUrl":"https://shop.example/paid",` +
	`"buyer":{"id":"BY789","name":"John","surname":"Doe","identityNumber":"11111111111","email":"john.doe@shop.example",` +
	`"registrationAddress":"Altunizade Mah.","city":"Istanbul","country":"Turkey","zipCode":"34580"},` +
	`"shippingAddress":{"address":"Altunizade Mah.","contactName":"Jane Doe","city":"Istanbul","country":"Turkey","zipCode":"34580"},` +
	`"billingAddress":{"address":"Altunizade Mah.","contactName":"Jane Doe","city":"Istanbul","country":"Turkey"},` +
	`"basketItems":[{"id":"BI101","price":"30.00","name":"Binocular","category1":"Collectibles","itemType":"PHYSICAL"},` +
	`{"id":"BI102","price":"20.00","name":"Game code","category1":"Game","itemType":"VIRTUAL"}]}`

// walkthroughFund is the part about a payment from a customer's balance.
var walkthroughFund = []step{
	{
		title: "Take a payment from a customer's iyzico balance", method: http.MethodPost, path: "/fund-payments", key: "walk-fund",
		body: walkthroughOrder,
		why:  "of the order only ids and amounts are kept: no token, no name, no address",
		want: answer{status: 201, members: []member{{"status", "succeeded"}, {"paymentId", "10000010"}, {"paidPrice", "50.00"}}},
		again: &answer{status: 200, header: replayed, members: []member{
			{"status", "succeeded"}, {"paymentId", "10000010"}, {"paidPrice", "50.00"},
		}},
	},
	{
		title: "Refund a part of it at once", method: http.MethodPost, path: "/refunds", key: "walk-fund-part",
		body: `{"paymentId":"10000010","paymentTransactionId":"20000014","amount":"5.00","reason":"BUYER_REQUEST"}`,
		why:  "its lines are known from iyzico's answer, so nothing is read first",
		want: answer{status: 201, members: []member{{"status", "succeeded"}, {"refundedAmount", "5.00"}}},
		again: &answer{status: 200, header: replayed, members: []member{
			{"status", "succeeded"}, {"refundedAmount", "5.00"},
		}},
	},
	{
		title: "See what is left of its lines", method: http.MethodGet, path: "/payments/10000010",
		why: "a payment like any other",
		want: answer{status: 200, members: []member{
			{"status", "partially_refunded"}, {"lines.0.refundableAmount", "30.00"}, {"lines.1.refundableAmount", "15.00"},
		}},
	},
}
