# Constants of ``expression``: node kinds, the columns of a node, its flags, the layout of tables. They are C constants
# and not variables, because reading a variable of another module costs two loads.
cdef enum:
    EMPTY_NODE = 0
    EPSILON_NODE = 1

    # Kinds of nodes.
    EMPTY_KIND = 0
    EPSILON_KIND = 1
    LITERAL = 2
    BYTE_SET = 3
    CONCAT = 4
    UNION = 5
    INTERSECTION = 6
    COMPLEMENT = 7
    REPEAT = 8
    REFERENCE = 9
    CHOICE = 10
    LEAF = 11
    CAPTURE = 12
    RECORD = 13
    FORK = 14

    # Columns of ``Arena.nodes``. EDGES is the offset into ``pool`` of the outgoing edges, -1 while they are not known.
    KIND = 0
    A = 1
    B = 2
    C = 3
    FLAGS = 4
    EDGES = 5
    EDGE_COUNT = 6
    HASH = 7
    FIELDS = 8

    # The use of these columns in a FORK, which has no derivative: see ``TextSets``.
    LAST_BYTE = 4  # that all texts end with, or -1
    FIRST_TEXT = 5
    TEXT_COUNT = 6

    # Bits of the FLAGS column.
    NULLABLE = 1
    UNCERTAIN = 2  # holds an intersection or a complement: may be empty without being EMPTY
    KNOWN_EMPTY = 4
    KNOWN_LIVE = 8
    PRUNED = 16  # every edge to an empty target has been redirected to EMPTY

    # Layout of a table of literals in ``pool``: count, number of its ``follow``, then the entries in ascending order
    # of their bytes.
    TABLE_HEADER = 2
    ENTRY = 4
    KEY_OFFSET = 0
    KEY_LENGTH = 1
    KEY_INDEX = 2
    KEY_FOLLOW = 3
