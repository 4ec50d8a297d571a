'use strict';

// Runs the official client for Node.js through a payment's life and prints one JSON line per step:
// {"step", "result", "verified"?}. Arguments: base URL, API key, secret key, day ("2006-01-02", iyzico's).

const Iyzipay = require('iyzipay');
const { calculateHmacSHA256Signature } = require('iyzipay/lib/utils');
const { version } = require('iyzipay/package.json');

const [uri, apiKey, secretKey, day] = process.argv.slice(2);
const iyzipay = new Iyzipay({ uri, apiKey, secretKey });

// The orders in which the client's own samples and iyzico's documents check signatures.
const paymentOrder = ['paymentId', 'currency', 'basketId', 'conversationId', 'paidPrice', 'price'];
const refundOrder = ['paymentId', 'price', 'currency', 'conversationId'];

function print(line) {
    process.stdout.write(JSON.stringify(line) + '\n');
}

function call(resource, action, request) {
    return new Promise((resolve, reject) => {
        resource[action](request, (err, result) => (err ? reject(err) : resolve(result)));
    });
}

async function step(name, resource, action, request, signed) {
    const result = await call(resource, action, request);
    const line = { step: name, result };
    if (signed) {
        line.verified = calculateHmacSHA256Signature(signed.map((each) => result[each]), secretKey) === result.signature;
    }
    print(line);
    return result;
}

function payment(conversationId) {
    const address = { contactName: 'Jane Doe', city: 'Istanbul', country: 'Turkey', address: 'Altunizade Mah. No:1', zipCode: '34742' };
    const item = (id, price) => ({
        id, price, name: 'Işık ' + id, category1: 'Collectibles', itemType: Iyzipay.BASKET_ITEM_TYPE.PHYSICAL,
    });
    return {
        locale: Iyzipay.LOCALE.TR,
        conversationId,
        price: '1',
        paidPrice: '1.2',
        currency: Iyzipay.CURRENCY.TRY,
        installment: '1',
        basketId: 'B-' + conversationId,
        paymentChannel: Iyzipay.PAYMENT_CHANNEL.WEB,
        paymentGroup: Iyzipay.PAYMENT_GROUP.PRODUCT,
        paymentCard: {
            cardHolderName: 'Jane Doe', cardNumber: '5528790000000008', expireMonth: '12', expireYear: '2030', cvc: '123', registerCard: '0',
        },
        buyer: {
            id: 'BY789', name: 'Jane', surname: 'Doe', gsmNumber: '+905350000000', email: 'jane@example.com',
            identityNumber: '74300864791', registrationAddress: 'Altunizade Mah. No:1', ip: '85.34.78.112',
            city: 'Istanbul', country: 'Turkey', zipCode: '34732',
        },
        shippingAddress: address,
        billingAddress: address,
        basketItems: [item('BI101', '0.3'), item('BI102', '0.5'), item('BI103', '0.2')],
    };
}

async function main() {
    print({ step: 'version', result: { version } });
    const locale = Iyzipay.LOCALE.EN;
    const currency = Iyzipay.CURRENCY.TRY;
    const ip = '85.34.78.112';
    await step('api test', iyzipay.apiTest, 'retrieve', {});
    await step('bin check', iyzipay.binNumber, 'retrieve', { locale, conversationId: 'bin', binNumber: '554960' });

    const paid = await step('payment', iyzipay.payment, 'create', payment('order-a'), paymentOrder);
    const paymentId = paid.paymentId;
    const line = paid.itemTransactions[0].paymentTransactionId;
    await step('detail', iyzipay.payment, 'retrieve', { locale, conversationId: 'look', paymentId }, paymentOrder);
    await step('refund', iyzipay.refund, 'create', {
        locale, conversationId: 'refund-1', paymentTransactionId: line, price: '0.10', currency, ip,
        reason: Iyzipay.REFUND_REASON.BUYER_REQUEST, description: 'müşteri isteği',
    }, refundOrder);
    await step('refund above the remainder', iyzipay.refund, 'create', {
        locale, conversationId: 'refund-2', paymentTransactionId: line, price: 0.27, currency, ip,
    });
    await step('refund v2', iyzipay.refundV2, 'create', {
        locale, conversationId: 'refund-3', paymentId, price: 0.5, currency, ip,
    }, refundOrder);
    await step('refund charged to the merchant', iyzipay.refundChargedFromMerchant, 'create', {
        locale, conversationId: 'refund-5', paymentTransactionId: paid.itemTransactions[2].paymentTransactionId, price: '0.10', currency, ip,
    });
    await step('report', iyzipay.reportingTransactionDetails, 'retrieve', {
        locale, conversationId: 'report-1', paymentConversationId: 'order-a',
    });
    await step('transactions', iyzipay.reportingTransactions, 'retrieve', {
        locale, conversationId: 'report-2', transactionDate: day + ' 00:00:00', page: 1,
    });
    await step('scroll', iyzipay.reportingScrollTransactions, 'retrieve', {
        conversationId: 'report-3', transactionDate: day, documentScrollVoSortingOrder: 'DESC', lastId: '',
    });

    const wrong = await step('payment to cancel', iyzipay.payment, 'create', payment('order-b'), paymentOrder);
    await step('cancel', iyzipay.cancel, 'create', {
        locale, conversationId: 'cancel-1', paymentId: wrong.paymentId, ip,
        reason: Iyzipay.REFUND_REASON.OTHER, description: 'wrong address',
    });
    await step('cancel again', iyzipay.cancel, 'create', { locale, conversationId: 'cancel-2', paymentId: wrong.paymentId, ip });

    const whole = await step('payment to refund whole', iyzipay.payment, 'create', payment('order-d'), paymentOrder);
    await step('refund v2 of the whole', iyzipay.refundV2, 'create', {
        locale, conversationId: 'refund-6', paymentId: whole.paymentId, price: '1.20', currency, ip,
    }, refundOrder);

    const returned = await step('payment for balance', iyzipay.payment, 'create', payment('order-c'), paymentOrder);
    await step('refund to balance', iyzipay.refundToBalance, 'create', {
        locale, conversationId: 'balance-1', paymentId: returned.paymentId, callbackUrl: 'https://shop.example/callback',
    });

    const request = { locale, conversationId: 'refund-4', paymentTransactionId: line, price: '0.10', currency, ip };
    await step('wrong key', new Iyzipay({ uri, apiKey: 'another-key', secretKey }).refund, 'create', request);
    await step('wrong secret', new Iyzipay({ uri, apiKey, secretKey: 'another-secret' }).refund, 'create', request);
}

main().catch((err) => {
    console.error(err);
    process.exitCode = 1;
});
