"""The words and phrasings that `constrain.demo.sentences` fills and draws from. All names are invented."""

from __future__ import annotations

from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Names. Most are two or three syllables; some are spelled letter by letter, so that the model learns to copy
# names it has no ready tokens for, and some hold letters outside ASCII.
OPENINGS: Final = _words(
    "Ba Be Bra Da Del Do El Fa Fen Ga Ha Hel Il Jo Ka Ke Ko La Le Lo Ma Mi Mo Na Ne No O Pe Ra Ri "
    "Sa Se Si Ta Te To U Va Vi Wen Yo Za Ås Él Ör"
)
MIDDLES: Final = _words(
    "ba da de do fi ga gu ka ke la le li lo ma mi na ne ni no pa pe ra re ri ro sa se si ta te ti to "
    "va ve vi za né ñu lö"
)
ENDINGS: Final = _words(
    "ben bor da dal dis fin gard ka kin la len lia lin lo mar mer mon na nel nor ra rek ren rin ro sa "
    "sen son ta tan tor vik wyn za"
)
CONSONANTS: Final = "bcdfghjklmnprstvwz"
VOWELS: Final = "aeiou"
CITY_ENDINGS: Final = _words("bridge bury dale field ford ham haven hill mouth port stad ville")
HOSTS: Final = _words("fenmail letterbox kolmar postly quickmail tanline wireburg")

ROLES: Final = _words("baker carpenter engineer gardener librarian nurse pilot teacher")
MATERIALS: Final = _words("blue red green white oak tin glass wool paper copper small large")
THINGS: Final = _words(
    "basket blanket bottle bowl chair clock desk jacket kettle lamp mirror notebook pillow table teapot tent"
)
NUMBER_WORDS: Final = _words("one two three four five six seven eight nine ten eleven twelve")
MONTHS: Final = _words(
    "January February March April May June July August September October November December"
)
TITLE_HEADS: Final = _words(
    "Annual Autumn Community Evening Garden Harvest Open River Spring Summer Winter Young"
)
TITLE_SUBJECTS: Final = ("", *_words("Book Chess Cooking Design Music Poetry Robotics Theatre"))
TITLE_NOUNS: Final = _words("Conference Evening Fair Festival Gathering Meeting Seminar Workshop")

PERSON_TEMPLATES: Final = (
    "{name} is {age} years old and works as {a_role} in {city}.{contact}",
    "{name}, aged {age}, is {a_role} from {city}.{contact}",
    "{name} ({age}) has been {a_role} in {city} for many years.{contact}",
    "The {role} {name} turned {age} last week and lives in {city}.{contact}",
    "Meet {name}, {a_role} of {age} from {city}.{contact}",
    "In {city} everyone knows {name}, the {age}-year-old {role}.{contact}",
    "At {age}, {name} moved to {city} to work as {a_role}.{contact}",
    "Our new {role} is called {name}, comes from {city} and is {age}.{contact}",
    "{city} has a new {role}: {name}, {age} years of age.{contact}",
)
CONTACTS: Final = (
    " Write to {email}.",
    " The address is {email}.",
    " {first} can be reached at {email}.",
    " Questions go to {email}.",
    " Email: {email}.",
)
ORDER_TEMPLATES: Final = (
    "{customer} ordered {items}. Order {id} {status}.",
    "Order {id} from {customer} {status}: {items}.",
    "Order {id}: {items} for {customer}. It {status}.",
    "We received an order from {customer} for {items}. Its number is {id} and it {status}.",
    "{items} went into order {id} by {customer}, which {status}.",
    "Number {id} {status}. {customer} asked for {items}.",
    "For {customer}: {items}. The order, {id}, {status}.",
)
STATUS_PHRASES: Final = {
    "pending": ("is pending", "is still open", "is waiting for payment"),
    "paid": ("has been paid", "is paid in full", "was paid today"),
    "shipped": ("has been shipped", "is on its way", "left the warehouse"),
    "delivered": ("was delivered", "has arrived", "reached its address"),
    "cancelled": ("was cancelled", "has been called off", "will not be sent"),
}
ITEM_TEMPLATES: Final = (
    "{count} {product} at {price} each",
    "{count} {product} for {price} apiece",
    "{count} {product} ({price} each)",
    "{count} {product} at {price} euros",
)
EVENT_TEMPLATES: Final = (
    "The {title} takes place {where} on {date}.{guests}",
    "On {date} the {title} will be held {where}.{guests}",
    "Save the date: {date}, {title}, {where}.{guests}",
    'Invitation to the "{title}" {where} on {date}.{guests}',
    "The {title} has been moved to {date} and happens {where}.{guests}",
    "{where_first} you can visit the {title} on {date}.{guests}",
    "We meet {where} for the {title} on {date}.{guests}",
)
GUESTS: Final = (
    " {names} will attend.",
    " Taking part: {names}.",
    " {names} signed up.",
    " It is hosted for {names}.",
    " So far we expect {names}.",
)
NO_GUESTS: Final = ("", " Nobody has signed up yet.", " The list of guests is empty.")
