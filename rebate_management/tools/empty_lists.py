"""What a list says that has nothing to show."""

from markupsafe import Markup


def empty_list_help(title, text):
    """Compose the words of an empty list, as an action's own are composed.

    :param title: what there is none of yet
    :param text: what comes next, and who does it
    """
    return Markup('<p class="o_view_nocontent_smiling_face">%s</p><p>%s</p>') % (title, text)
