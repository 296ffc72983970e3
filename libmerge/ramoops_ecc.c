// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Reed-Solomon decoding: see ramoops_ecc.h. Syndromes, the error locator by
 * Berlekamp and Massey, its roots by trial, values by Forney.
 */
#include <string.h>

#include "ramoops_ecc.h"

#define POLYNOMIAL	0x11du
#define WORD		255u	/* symbols of a whole code word */

/* Coefficients, that of x^0 first */
struct poly {
	uint8_t c[2 * ECC_MAX + 2];
	unsigned int degree;
};

void ecc_init(struct ecc *e)
{
	unsigned int x = 1;

	memset(e, 0, sizeof(*e));
	for (unsigned int i = 0; i < WORD; i++) {
		e->exp[i] = e->exp[i + WORD] = (uint8_t)x;
		e->log[x] = (uint8_t)i;
		x = x << 1 ^ (x & 0x80 ? POLYNOMIAL : 0);
	}
}

static uint8_t mul(const struct ecc *e, uint8_t a, uint8_t b)
{
	return a && b ? e->exp[e->log[a] + e->log[b]] : 0;
}

static uint8_t divide(const struct ecc *e, uint8_t a, uint8_t b)
{
	return a ? e->exp[e->log[a] + WORD - e->log[b]] : 0;
}

static uint8_t eval(const struct ecc *e, const struct poly *p, uint8_t x)
{
	uint8_t sum = 0;

	for (unsigned int i = p->degree + 1; i--;)
		sum = mul(e, sum, x) ^ p->c[i];
	return sum;
}

/* The code word at root @i; data[0] has the highest power. 0 when it is right */
static uint8_t syndrome(const struct ecc *e, const uint8_t *data, size_t size,
			const uint8_t *parity, unsigned int nr, unsigned int i)
{
	uint8_t sum = 0;

	for (size_t k = 0; k < size; k++)
		sum = mul(e, sum, e->exp[i]) ^ data[k];
	for (unsigned int k = 0; k < nr; k++)
		sum = mul(e, sum, e->exp[i]) ^ parity[k];
	return sum;
}

bool ecc_is_right(const struct ecc *e, const uint8_t *data, size_t size, const uint8_t *parity,
		  unsigned int nr)
{
	unsigned int i = 0;

	if (!nr || nr > ECC_MAX || size + nr > WORD)
		return false;
	while (i < nr && !syndrome(e, data, size, parity, nr, i))
		i++;
	return i == nr;
}

/* @lambda -= @by * x^@shift * @from */
static void subtract(const struct ecc *e, struct poly *lambda, const struct poly *from,
		     uint8_t by, unsigned int shift)
{
	for (unsigned int i = 0; i <= from->degree && i + shift < sizeof(lambda->c); i++)
		lambda->c[i + shift] ^= mul(e, by, from->c[i]);
	if (from->degree + shift > lambda->degree)
		lambda->degree = from->degree + shift;
	if (lambda->degree >= sizeof(lambda->c))
		lambda->degree = sizeof(lambda->c) - 1;
	while (lambda->degree && !lambda->c[lambda->degree])
		lambda->degree--;
}

/* The polynomial whose roots are the inverses of the places of errors */
static void find_locator(const struct ecc *e, const uint8_t *s, unsigned int nr,
			 struct poly *lambda)
{
	struct poly before = { .c = { 1 } };
	unsigned int errors = 0, since = 1;
	uint8_t last = 1;

	*lambda = before;
	for (unsigned int n = 0; n < nr; n++, since++) {
		struct poly old = *lambda;
		uint8_t wrong = s[n];

		for (unsigned int i = 1; i <= errors && i <= lambda->degree; i++)
			wrong ^= mul(e, lambda->c[i], s[n - i]);
		if (!wrong)
			continue;
		subtract(e, lambda, &before, divide(e, wrong, last), since);
		if (2 * errors > n)
			continue;
		errors = n + 1 - errors;
		before = old;
		last = wrong;
		since = 0;
	}
}

/* Syndromes times locator, modulo x^nr */
static void find_evaluator(const struct ecc *e, const uint8_t *s, unsigned int nr,
			   const struct poly *lambda, struct poly *omega)
{
	*omega = (struct poly){ .degree = nr - 1 };
	for (unsigned int i = 0; i < nr; i++)
		for (unsigned int k = 0; k <= lambda->degree && k <= i; k++)
			omega->c[i] ^= mul(e, s[i - k], lambda->c[k]);
}

/* What is wrong at power @power, which is a place of an error; 0: it cannot be */
static uint8_t error_at(const struct ecc *e, const struct poly *lambda,
			const struct poly *omega, unsigned int power)
{
	uint8_t x = e->exp[WORD - power], slope = 0;

	for (unsigned int i = 1; i <= lambda->degree; i += 2) {
		uint8_t term = lambda->c[i];

		for (unsigned int k = 0; k + 1 < i; k++)
			term = mul(e, term, x);
		slope ^= term;
	}
	if (!slope)
		return 0;
	/* the first root being alpha^0 leaves the place itself as a factor */
	return mul(e, e->exp[power], divide(e, eval(e, omega, x), slope));
}

int ecc_correct(const struct ecc *e, uint8_t *data, size_t size, const uint8_t *parity,
		unsigned int nr)
{
	uint8_t s[ECC_MAX], wrong[WORD] = { 0 };
	struct poly lambda, omega;
	unsigned int found = 0;

	if (!nr || nr > ECC_MAX || size + nr > WORD)
		return -1;
	if (ecc_is_right(e, data, size, parity, nr))
		return 0;
	for (unsigned int i = 0; i < nr; i++)
		s[i] = syndrome(e, data, size, parity, nr, i);
	find_locator(e, s, nr, &lambda);
	find_evaluator(e, s, nr, &lambda, &omega);
	if (2 * lambda.degree > nr)
		return -1;
	for (unsigned int power = 0; power < size + nr; power++) {
		if (eval(e, &lambda, e->exp[WORD - power]))
			continue;
		wrong[power] = error_at(e, &lambda, &omega, power);
		found += wrong[power] != 0;
	}
	if (found != lambda.degree)
		return -1;
	for (size_t i = 0; i < size; i++)
		data[i] ^= wrong[size + nr - 1 - i];
	return (int)found;
}
