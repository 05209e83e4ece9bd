"""Amounts in words, as the language of the reader writes them."""

try:
    from num2words import num2words
except ImportError:  # without it Odoo writes no amounts in words either
    num2words = None

# Before the name of a currency a one at the end is short in these languages.
SHORT_ONE = {
    "de": (("eins", "ein"),),
    "es": (("veintiuno", "veintiún"), ("uno", "un")),
    "it": (("uno", "un"),),
}
# Languages that write nouns with a capital.
NOUN_CAPITALS = ("de", "lb")


def number_in_words(number: int, lang: str) -> str:
    """Write a whole number as it stands before a noun, without capitals.

    :param lang: ISO code
    :return: nothing where the language is not known

    >>> number_in_words(5904, "en_US"), number_in_words(21, "de"), number_in_words(121, "es_MX")
    ('five thousand, nine hundred and four', 'einundzwanzig', 'ciento veintiún')
    >>> number_in_words(101, "de_DE"), number_in_words(150, "fr"), number_in_words(3, "xx")
    ('einhundertein', 'cent cinquante', '')
    """
    if not num2words:
        return ""
    try:
        words = num2words(number, lang=lang)
    except (NotImplementedError, OverflowError):
        return ""
    for ending, short in SHORT_ONE.get(lang[:2], ()):
        if words.endswith(ending):
            return words[: -len(ending)] + short
    return words


def unit_in_words(label: str, lang: str) -> str:
    """Write the name of a currency as it stands in a sentence.

    >>> unit_in_words("Dollars", "en"), unit_in_words("Euros", "de"), unit_in_words("CFA", "fr")
    ('dollars', 'Euros', 'CFA')
    """
    if lang[:2] in NOUN_CAPITALS or label.isupper():
        return label
    return label[:1].lower() + label[1:]


def write_amount(env, amount, currency) -> str:
    """Write an amount in words of the language of the context, its first letter a capital.

    :param amount: not negative
    :return: nothing where the language is not known
    """
    lang = env["res.lang"]._get_data(code=env.lang or "en_US").iso_code or "en"
    whole, _point, part = f"{amount:.{currency.decimal_places}f}".partition(".")
    text = number_in_words(int(whole), lang)
    unit = unit_in_words(currency.currency_unit_label or currency.name, lang)
    subunit = unit_in_words(currency.currency_subunit_label or "", lang)
    if text and int(part or 0):
        text = env._(
            "%(whole)s %(unit)s and %(part)s %(subunit)s",
            whole=text,
            unit=unit,
            part=number_in_words(int(part), lang),
            subunit=subunit,
        )
    elif text:
        text = f"{text} {unit}"
    return text[:1].upper() + text[1:]
