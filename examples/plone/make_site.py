"""Makes the database, an administrator and a Plone site in ``var/``; what is there already stays as it is.

    python make_site.py [--site Plone] [--title TITLE] [--user admin] [--password PASSWORD]

Without ``--password`` (or ``PLONE_PASSWORD``) a new administrator gets a password that is printed once.
With it, one who exists gets the new one. The site must not be served meanwhile.
"""

from __future__ import annotations

import argparse
import logging
import os
import secrets
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent

WELCOME = """\
<p>This is Plone, served by iisgate: the web server speaks FastCGI with one Python process,
however many visitors there are.</p>
<p><a href="./@@iisgate-probe">Which process answered</a>, and what it has counted.</p>
"""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Makes the database, an administrator and a Plone site in var/.")
    parser.add_argument("--site", default="Plone", help="its name in the database, as in zope.ini (Plone)")
    parser.add_argument("--title", default="Plone behind FastCGI", help="what visitors read")
    parser.add_argument("--user", default="admin", help="the administrator's name (admin)")
    parser.add_argument("--password", default=os.environ.get("PLONE_PASSWORD"), help="the administrator's password")
    return parser.parse_args()


def open_zope() -> Any:
    """The root of Zope's database, as ``zope.conf`` has it."""
    # zope.conf asks for it.
    os.environ["APPL_PHYSICAL_PATH"] = os.path.join(HERE, "")
    (HERE / "var" / "cache").mkdir(parents=True, exist_ok=True)
    # plone_site, which etc/site.zcml names, lies beside this file.
    sys.path.insert(0, str(HERE))
    import Zope2
    from Testing.makerequest import makerequest
    from zc.lockfile import LockError
    from Zope2.Startup.run import configure_wsgi

    configure_wsgi(str(HERE / "zope.conf"))
    try:
        return makerequest(Zope2.app())
    except LockError:
        sys.exit("another process has the database open: is the site being served? Stop it, then try again")


def make_user(root: Any, name: str, password: str | None) -> str:
    """Makes an administrator, or changes the password; says what was done."""
    users = root.acl_users
    if users.getUser(name) is None:
        chosen = password or secrets.token_urlsafe(12)
        users._doAddUser(name, chosen, ["Manager"], [])
        return f"made the administrator {name}" + ("" if password else f" with the password {chosen}")
    if password is None:
        return f"the administrator {name} is there already"
    if hasattr(users, "plugins"):
        # What Plone makes of Zope's users with the first site.
        users.users.updateUserPassword(users.getUser(name).getId(), password)
    else:
        users.userFolderEditUser(name, password, ["Manager"], [])
    return f"the administrator {name} has the password that was given"


def make_site(root: Any, name: str, title: str, user: str) -> str:
    """Makes a Plone site with a front page; says what was done."""
    if name in root.objectIds():
        return f"the site {name} is there already"
    from AccessControl.SecurityManagement import newSecurityManager
    from plone.app.textfield.value import RichTextValue
    from plone.app.theming.interfaces import IThemeSettings
    from plone.dexterity.utils import createContentInContainer
    from plone.registry.interfaces import IRegistry
    from Products.CMFPlone.factory import addPloneSite
    from zope.component import getUtility

    newSecurityManager(None, root.acl_users.getUser(user).__of__(root.acl_users))
    profiles = ["plone.app.contenttypes:default", "plonetheme.barceloneta:default", "plone.restapi:default"]
    site = addPloneSite(root, name, title=title, extension_ids=profiles)
    # At 127.0.0.1, where `iisgate serve` is, Plone would leave its theme out.
    getUtility(IRegistry).forInterface(IThemeSettings).hostnameBlacklist = []
    workflow = site.portal_workflow
    workflow.setDefaultChain("simple_publication_workflow")
    text = RichTextValue(WELCOME, "text/html", "text/x-html-safe")
    page = createContentInContainer(site, "Document", id="welcome", title="Welcome", text=text)
    workflow.doActionFor(page, "publish")
    site.setDefaultPage("welcome")
    return f"made the site {name}"


def main() -> None:
    options = arguments()
    # What Plone warns of while it sets a site up is of no use to anyone.
    logging.basicConfig(level=logging.ERROR)
    root = open_zope()
    import transaction

    done = [make_user(root, options.user, options.password), make_site(root, options.site, options.title, options.user)]
    transaction.commit()
    root._p_jar.db().close()
    for line in done:
        print(line)


if __name__ == "__main__":
    main()
