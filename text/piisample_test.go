package text_test

// personal is a letter full of what is not for strangers. The numbers are from the
// public examples of their issuers, or made for the check digit.
const personal = `Dear Ms Okafor,

please write to ada.lovelace+tides@example.co.uk or call +44 20 7946 0958, mobile 07700 900123. Your card
4111 1111 1111 1111 and the account DE89 3704 0044 0532 0130 00 were charged. You were born on 12 March 1985; your
NHS number is 943 476 5919. The server 203.0.113.7 (2001:db8::1, 00:1A:2B:3C:4D:5E) has
https://ada:sesame1@db.example.com/x, and its key AKIAIOSFODNN7EXAMPLE was found at 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa.
`
